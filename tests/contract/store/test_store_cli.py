"""``partnergate store`` from the command line, on both databases."""

import pytest
from click.testing import CliRunner

from builders.events import DAY, REALM, T0, login, logout
from partnergate.cli.store.group import command
from partnergate.errors import PartnergateError, StoreError, UsageError
from partnergate.events.ports import Advance


@pytest.fixture
def run(store_url):
    def invoke(*arguments, url=store_url, code=0, **more):
        result = CliRunner().invoke(
            command, arguments, env={"PARTNERGATE_STORE": url}, standalone_mode=False, **more
        )
        if result.exception is not None:
            raise result.exception
        assert result.return_value == code, result.output
        return result.output

    return invoke


@pytest.fixture
def filled(ingest):
    ingest.keep(
        REALM, [login(T0), logout(T0 + 5)], seen_ms=T0 + DAY, advance=Advance(first_ms=0, position_ms=T0)
    )
    return ingest


def test_a_backup_is_written_checked_and_restored(filled, run, tmp_path):
    file = tmp_path / "store.backup"
    assert "rows of" in run("backup", str(file))
    assert "checksums match" in run("verify", "--backup", str(file))
    assert "rows of" in run("restore", str(file), url=f"sqlite:///{tmp_path}/new.db")
    assert "matches its raw events" in run("verify", url=f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(UsageError):
        run("backup", str(file))
    with pytest.raises(StoreError, match="not empty"):
        run("restore", str(file))


def test_verify_exits_with_8_when_the_store_differs(filled, run):
    with filled.store.write() as connection:
        connection.exec_driver_sql("UPDATE sessions SET partner = 'globex'")
    assert run("verify", code=8) == "host: differs from its raw events\n"
    assert run("rebuild") == "host: 2 events\n"
    assert run("verify") == "host: matches its raw events\n"


def test_an_empty_store_has_nothing_to_verify(run):
    run("migrate")  # creates the store
    assert run("verify") == "the store has no events yet\n"
    assert run("migrate") == "up to date\n"


def test_sessions_are_exported_by_day_and_partner(filled, run, tmp_path):
    out = tmp_path / "out.csv"
    assert run("export", "sessions", "-o", str(out), "--partner", "acme", "--from", "2026-10-05").endswith(
        ": 1 sessions\n"
    )
    assert run("export", "logins", "-o", str(out), "--to", "2026-10-05").endswith(": 0 logins\n")
    with pytest.raises(UsageError):
        run("export", "logins", "-o", str(tmp_path / "out.xlsx"))


def test_a_user_is_erased_once_and_not_printed(filled, run):
    output = run("erase", "--alias", "acme", input="ada\n")
    assert "erased; the remaining records use the key" in output
    assert "ada" not in output
    assert "no user has that identifier" in run("erase", "--alias", "acme", "--subject", "ada", code=1)


@pytest.mark.parametrize("command", [("backup",), ("export", "usage", "-o"), ("export", "logins", "-o")])
def test_an_unwritable_file_is_an_error_and_not_a_bug(filled, run, tmp_path, command):
    for name in ("nowhere/out.csv", "nowhere/out.parquet"):
        with pytest.raises(PartnergateError, match="cannot write the file") as refused:
            run(*command, str(tmp_path / name))
        assert str(tmp_path / name) in refused.value.diagnostics()


def test_an_unreadable_backup_creates_no_store(run, tmp_path):
    file = tmp_path / "text"
    file.write_text("no backup")
    for name in (file, tmp_path / "nowhere"):
        with pytest.raises(StoreError, match="cannot be read"):
            run("restore", str(name), url=f"sqlite:///{tmp_path}/made.db")
    assert not (tmp_path / "made.db").exists()


def test_an_unknown_realm_and_an_empty_span_are_refused(filled, run, tmp_path):
    with pytest.raises(UsageError, match="realm hots") as refused:
        run("rebuild", "--realm", "hots")
    assert refused.value.advice == "realms: host"
    days = ("--from", "2026-11-02", "--to", "2026-11-01")
    with pytest.raises(UsageError, match="--to must be after --from"):
        run("export", "usage", "-o", str(tmp_path / "u.csv"), *days)
