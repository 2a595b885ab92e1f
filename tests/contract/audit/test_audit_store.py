"""The audit log on SQLite and PostgreSQL: appended exactly once, and never changed unnoticed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from builders.actors import ADA, CI
from partnergate.audit.chain import ChainCheck
from partnergate.audit.entry import AuditEvent, Deed, details_of
from partnergate.errors import StoreError
from partnergate.store.audit.log import StoredAudit, record_in
from partnergate.store.database.backup import restore_backup, write_backup
from partnergate.store.database.engine import Dialect
from partnergate.store.database.opening import open_store

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def event(number: int, **more) -> AuditEvent:
    values = {
        "at": NOW,
        "environment": "production",
        "deed": Deed.APPLIED,
        "actor": ADA,
        "target": "host",
        "key": f"key {number}",
        "details": details_of(changes=number),
    }
    return AuditEvent(**values | more)


@pytest.fixture
def log(store) -> StoredAudit:
    return StoredAudit(store)


def problems(log: StoredAudit) -> list[str]:
    return [*ChainCheck().problems(log.contents()), *log.column_problems()]


def test_entries_form_a_chain_and_are_read_newest_first(log) -> None:
    assert [log.record(event(n)) for n in range(5)] == [1, 2, 3, 4, 5]
    assert problems(log) == []
    assert [e.sequence for e in log.latest(limit=3)] == [5, 4, 3]
    assert [e.sequence for e in log.latest(limit=3, before=3)] == [2, 1]
    (first,) = log.latest(limit=1, before=2)
    assert (first.actor, first.at, first.details[0].value) == (ADA, NOW, "0")


def test_only_the_entries_of_one_environment_are_listed(log) -> None:
    log.record(event(1))
    log.record(event(2, environment="staging"))
    assert [e.sequence for e in log.latest(limit=9, environment="staging")] == [2]


def test_a_deed_is_recorded_exactly_once(log) -> None:
    assert [log.record(event(1)), log.record(event(2)), log.record(event(1, actor=CI))] == [1, 2, 1]
    assert len(log.latest(limit=9)) == 2


def record_and_fail(store) -> None:
    with store.write() as connection:
        record_in(connection, event(1))
        connection.exec_driver_sql("SELECT * FROM no_such_table")


def test_a_deed_that_is_rolled_back_is_not_recorded(store, log) -> None:
    with pytest.raises(StoreError):
        record_and_fail(store)
    assert log.latest(limit=9) == ()
    assert log.record(event(1)) == 1


def test_concurrent_deeds_form_one_chain(log) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [log.record(event(n * 100 + k)) for k in range(10)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.latest(limit=100)) == 40
    assert problems(log) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET content = 'x'",
        "UPDATE audit_entries SET actor = 'x' WHERE sequence = 1",
        "DELETE FROM audit_entries WHERE sequence = 2",
        "DELETE FROM audit_entries",
    ],
)
def test_the_database_rejects_every_change(store, log, statement) -> None:
    log.record(event(1))
    log.record(event(2))
    with pytest.raises(StoreError, match="never changes"), store.write() as connection:
        connection.exec_driver_sql(statement)
    assert problems(log) == []


def test_the_database_rejects_a_replacement(store, log) -> None:
    log.record(event(1))
    if store.dialect is Dialect.SQLITE:
        statement = "REPLACE INTO audit_entries SELECT * FROM audit_entries"
    else:
        statement = "TRUNCATE audit_entries"
    with pytest.raises(StoreError, match="never changes"), store.write() as connection:
        connection.exec_driver_sql(statement)


def without_triggers(store, *statements: str) -> None:
    """Change the table as the owner of the database can."""
    with store.write() as connection:
        if store.dialect is Dialect.POSTGRESQL:
            connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        else:
            for name in (
                connection.execute(
                    sa.text(
                        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
                    )
                )
                .scalars()
                .all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE audit_entries SET content = replace(content, 'ada', 'eve') WHERE sequence = 2",
            "does not follow",
        ),
        ("UPDATE audit_entries SET actor = 'eve' WHERE sequence = 2", "entry 2: its columns differ"),
        ("UPDATE audit_entries SET content = '{}' WHERE sequence = 2", "entry 2: not an audit entry"),
        ("DELETE FROM audit_entries WHERE sequence = 2", "an entry was removed or added"),
    ],
)
def test_a_change_that_bypasses_the_triggers_is_detected(store, log, statement, words) -> None:
    for number in range(4):
        log.record(event(number))
    without_triggers(store, statement)
    found = list(ChainCheck().problems(log.contents())) or list(log.column_problems())
    assert any(words in problem for problem in found), found


def test_a_backup_contains_the_log(log, store, tmp_path) -> None:
    log.record(event(1))
    log.record(event(2))
    write_backup(store, tmp_path / "backup", made_ms=0)
    with open_store(f"sqlite:///{tmp_path / 'restored.db'}") as restored:
        restore_backup(restored, tmp_path / "backup")
        again = StoredAudit(restored)
        assert list(again.contents()) == list(log.contents())
        assert again.record(event(3)) == 3
        assert problems(again) == []
