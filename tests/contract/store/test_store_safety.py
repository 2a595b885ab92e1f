"""Schema, backup, faults and races: the same on SQLite and PostgreSQL."""

import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from builders.events import DAY, EVER, REALM, T0, KnownSubjects, login, logout, realm
from builders.partners import partner
from fakes.events import Clock, FakeKeycloak, reader_of
from partnergate.errors import SchemaTooNewError, StoreError, UsageError
from partnergate.store import EventIngest, open_store
from partnergate.store.database.backup import read_summary, restore_backup, tables_of, write_backup
from partnergate.store.database.migrations import MIGRATIONS, applied_migrations, migrate
from partnergate.store.export import DATASETS, rows_of, titles, write_csv, write_parquet
from partnergate.store.rebuild import ledger_hash


def history(number=300):
    return [
        event
        for n in range(number)
        for event in (
            login(T0 + n, session=f"s{n}", subject=f"p{n % 50}", alias=("acme", "globex")[n % 2]),
            logout(T0 + n + 5000, session=f"s{n}"),
        )
    ]


def hash_of(store):
    with store.read() as connection:
        return ledger_hash(connection, REALM)


def step(number, *statements):
    return SimpleNamespace(NUMBER=number, NAME="test", STATEMENTS=statements)


def test_opening_twice_runs_each_step_once(store_url):
    open_store(store_url).close()
    with open_store(store_url) as store, store.read() as connection:
        assert sorted(applied_migrations(connection)) == [m.NUMBER for m in MIGRATIONS]


def test_a_newer_schema_is_refused_and_not_modified(store_url):
    with open_store(store_url) as store:
        migrate(store, T0, (*MIGRATIONS, step(9001, "CREATE TABLE newer_schema (x TEXT)")))
    with pytest.raises(SchemaTooNewError, match="9001"):
        open_store(store_url)


def test_a_failed_migration_is_rolled_back(store):
    broken = step(9001, "CREATE TABLE half (x TEXT)", "THIS IS NO SQL")
    with pytest.raises(StoreError):
        migrate(store, T0, (*MIGRATIONS, broken))
    with store.read() as connection:
        assert not sa.inspect(connection).has_table("half")
        assert 9001 not in applied_migrations(connection)


def test_two_processes_that_migrate_at_once_run_each_step_once(store_url):
    with ThreadPoolExecutor(4) as pool:
        opened = [pool.submit(open_store, store_url) for _ in range(4)]
    for one in opened:
        one.result().close()


def test_only_the_two_databases_are_accepted():
    for url in ("mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(UsageError):
            open_store(url)


def test_the_password_is_in_no_message(store_url):
    with open_store(store_url) as store:
        assert (store.url.password or "nothing") not in store.address
        with pytest.raises(StoreError) as caught, store.write() as connection:
            connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "hush"})
    assert "hush" not in caught.value.diagnostics()


def test_a_transaction_that_raises_is_rolled_back_completely(store):
    def half():
        with store.write() as connection:
            connection.exec_driver_sql("INSERT INTO subjects (lookup, subject) VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM subjects").scalar() == 0


def test_a_read_sees_one_state_while_others_write(ingest):
    with ingest.store.read() as connection:
        count = sa.text("SELECT COUNT(*) FROM raw_events")
        before = connection.execute(count).scalar()
        other = threading.Thread(
            target=ingest.keep, args=(REALM, history(5)), kwargs={"seen_ms": T0, "advance": None}
        )
        other.start()
        other.join()
        assert connection.execute(count).scalar() == before


def test_a_backup_restores_into_either_database(ingest, tmp_path):
    ingest.keep(REALM, history(), seen_ms=T0 + DAY, advance=None)
    file = tmp_path / "store.backup"
    written = write_backup(ingest.store, file, made_ms=T0)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_summary(file) == written
    with open_store(f"sqlite:///{tmp_path}/restored.db") as restored:
        assert restore_backup(restored, file) == written
        assert hash_of(restored) == hash_of(ingest.store)
        assert EventIngest(store=restored).keep(REALM, history(), seen_ms=T0 + DAY, advance=None) == 0


def test_a_backup_of_sqlite_restores_into_this_database(store, tmp_path):
    with open_store(f"sqlite:///{tmp_path}/old.db") as old:
        made = EventIngest(store=old, subjects=KnownSubjects())
        made.record_registry(realm(), (partner("acme"), partner("globex")), 0)
        made.keep(REALM, history(), seen_ms=T0 + DAY, advance=None)
        write_backup(old, tmp_path / "b", made_ms=T0)
        restore_backup(store, tmp_path / "b")
        assert hash_of(store) == hash_of(old)


def test_every_table_is_in_a_backup(store, tmp_path):
    summary = write_backup(store, tmp_path / "b", made_ms=T0)
    with store.read() as connection:
        names = set(sa.inspect(connection).get_table_names()) - {"schema_migrations"}
        assert set(tables_of(connection)) == names
    assert {name for name, _ in summary.tables} == names


def test_a_store_with_rows_is_never_restored_over(ingest, tmp_path):
    write_backup(ingest.store, tmp_path / "b", made_ms=T0)
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(ingest.store, tmp_path / "b")


def test_a_damaged_backup_is_refused(store, tmp_path):
    file = tmp_path / "b"
    write_backup(store, file, made_ms=T0)
    with zipfile.ZipFile(file) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content["subjects.ndjson"] = b'["x","y"]\n'
    with zipfile.ZipFile(file, "w") as new:
        for name, data in content.items():
            new.writestr(name, data)
    with pytest.raises(StoreError, match="damaged: table subjects"):
        read_summary(file)
    file.write_bytes(b"not a zip")
    with pytest.raises(StoreError, match="cannot be read"):
        read_summary(file)


def test_a_backup_of_a_newer_schema_is_refused(store, tmp_path):
    file = tmp_path / "b"
    write_backup(store, file, made_ms=T0)
    with zipfile.ZipFile(file) as old:
        content = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(content["manifest.json"])
    content["manifest.json"] = json.dumps(manifest | {"steps": [*manifest["steps"], 9001]}).encode()
    with zipfile.ZipFile(file, "w") as new:
        for name, data in content.items():
            new.writestr(name, data)
    with pytest.raises(SchemaTooNewError):
        restore_backup(store, file)


def test_sessions_leave_as_csv_and_parquet(ingest, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    ingest.keep(REALM, history(10), seen_ms=T0 + DAY, advance=None)
    what = DATASETS["sessions"]
    with ingest.store.read() as connection:
        with (tmp_path / "s.csv").open("w") as file:
            assert write_csv(rows_of(connection, what, *EVER, "acme"), what, file) == 5
        assert write_parquet(rows_of(connection, what, *EVER, None), what, tmp_path / "s.parquet") == 10
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert lines[0].split(",") == list(titles(what))
    assert "2026-10-05T12:00:00.000+00:00" in lines[1]
    assert pq.read_table(tmp_path / "s.parquet").column_names == list(titles(what))


def test_a_csv_value_never_becomes_a_formula(ingest, tmp_path):
    ingest.keep(REALM, [login(T0, client="=cmd()")], seen_ms=T0 + DAY, advance=None)
    what = DATASETS["logins"]
    with ingest.store.read() as connection, (tmp_path / "l.csv").open("w") as file:
        write_csv(rows_of(connection, what, *EVER, None), what, file)
    assert "'=cmd()" in (tmp_path / "l.csv").read_text()


def test_pitfall_18_two_readers_at_once_keep_everything_once(store_url):
    server = FakeKeycloak(T0 + DAY)
    server.add(*history())
    with open_store(store_url) as one, open_store(store_url) as other:

        def reading(store):
            ingest = EventIngest(store=store, subjects=KnownSubjects())
            ingest.record_registry(realm(), (partner("acme"), partner("globex")), 0)
            return reader_of(server, ingest, Clock(server), page=23).round()

        with ThreadPoolExecutor(2) as pool:
            new = list(pool.map(reading, (one, other)))
        assert sum(new) == 600
        with one.read() as connection:
            assert connection.exec_driver_sql("SELECT COUNT(*) FROM raw_events").scalar() == 600
        twice = hash_of(one)
    with open_store(store_url) as again:
        from partnergate.store.rebuild import rebuild

        rebuild(again, REALM)
        assert hash_of(again) == twice
