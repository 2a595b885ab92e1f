"""The schema, as numbered steps forward. A step that was released never changes.

A migration is a module here with ``NUMBER``, ``NAME`` and ``STATEMENTS``: SQL that both databases
read (TEXT, BIGINT, INTEGER; decimals as TEXT). ``{blob}`` is BLOB or BYTEA, ``{key}`` a 64-bit primary
key that SQLite keeps as its row id, ``{clustered}`` keeps a table in the order of its key where SQLite
can, ``{roomy}`` leaves PostgreSQL room to change rows where they are. One that begins with
``-- only sqlite`` or ``-- only postgresql`` is for that database alone. Register it by one line in
``MIGRATIONS``. Each step runs in one transaction with its record.
``immutable`` makes the triggers of tables whose rows never change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from partnergate.errors import SchemaTooNewError
from partnergate.store.database.engine import Dialect, take_lock
from partnergate.store.database.migrations import (
    m0001_events,
    m0002_usage,
    m0003_statements,
    m0004_staging_tests,
    m0005_event_counts,
    m0006_launch_counts,
    m0007_login_hours,
    m0008_realm_environments,
    m0009_test_arrivals,
    m0010_unattributed_counts,
    m0011_test_details,
    m0012_people_hours,
    m0013_audit,
)

__all__ = ("MIGRATIONS", "Migration", "applied_migrations", "migrate", "refuse_newer")

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partnergate.store.database.engine import Store

_WORDS = {
    Dialect.SQLITE: {"blob": "BLOB", "key": "INTEGER PRIMARY KEY", "clustered": "WITHOUT ROWID", "roomy": ""},
    Dialect.POSTGRESQL: {
        "blob": "BYTEA",
        "key": "BIGINT PRIMARY KEY",
        "clustered": "",
        "roomy": "WITH (fillfactor = 70)",
    },
}


class Migration(Protocol):
    """One step of the schema."""

    @property
    def NUMBER(self) -> int: ...  # noqa: N802 - a module's constant
    @property
    def NAME(self) -> str: ...  # noqa: N802
    @property
    def STATEMENTS(self) -> tuple[str, ...]: ...  # noqa: N802


MIGRATIONS: tuple[Migration, ...] = (
    m0001_events,
    m0002_usage,
    m0003_statements,
    m0004_staging_tests,
    m0005_event_counts,
    m0006_launch_counts,
    m0007_login_hours,
    m0008_realm_environments,
    m0009_test_arrivals,
    m0010_unattributed_counts,
    m0011_test_details,
    m0012_people_hours,
    m0013_audit,
)

_RECORD = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_ms BIGINT NOT NULL
)
"""


def applied_migrations(connection: Connection) -> dict[int, str]:
    """Return the number and the name of every step that was run on the database."""
    if not sa.inspect(connection).has_table("schema_migrations"):
        return {}
    rows = connection.execute(sa.text("SELECT number, name FROM schema_migrations ORDER BY number"))
    return {row.number: row.name for row in rows}


def refuse_newer(applied: dict[int, str], known: tuple[Migration, ...], target: str) -> None:
    """Raise ``SchemaTooNewError`` for a database that a newer version has changed."""
    newer = sorted(set(applied) - {m.NUMBER for m in known})
    if newer:
        raise SchemaTooNewError(
            f"the store has schema step {newer[-1]} ({applied[newer[-1]]}), which this version does not know",
            target=target,
            advice="use the newer version of partnergate, or restore a backup made before it",
        )


def migrate(store: Store, now_ms: int, known: tuple[Migration, ...] = MIGRATIONS) -> tuple[int, ...]:
    """Bring the database to this version's schema; the numbers of the steps that were run."""
    with store.read() as connection:
        applied = applied_migrations(connection)
    refuse_newer(applied, known, store.address)
    missing = [m for m in sorted(known, key=lambda m: m.NUMBER) if m.NUMBER not in applied]
    return tuple(m.NUMBER for m in missing if _step(store, m, now_ms))


def _step(store: Store, migration: Migration, now_ms: int) -> bool:
    """Run one step unless another process just did."""
    with store.write() as connection:
        if store.dialect is Dialect.POSTGRESQL:
            take_lock(connection, "migrate")
        connection.exec_driver_sql(_RECORD)
        if migration.NUMBER in applied_migrations(connection):
            return False
        for statement in migration.STATEMENTS:
            if statement.startswith("-- only ") and not statement.startswith(
                f"-- only {store.dialect.value}\n"
            ):
                continue
            connection.exec_driver_sql(statement.format_map(_WORDS[store.dialect]))
        connection.execute(
            sa.text("INSERT INTO schema_migrations (number, name, applied_ms) VALUES (:number, :name, :ms)"),
            {"number": migration.NUMBER, "name": migration.NAME, "ms": now_ms},
        )
    return True
