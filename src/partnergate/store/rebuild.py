"""Rebuilds the derived tables of a realm from its raw events, and compares the two."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from partnergate.events.seen import RawEvent
from partnergate.store.partners.history import load_registry
from partnergate.store.sessions.attributing import attribute_events
from partnergate.store.sessions.ingest import RAW_COLUMNS, event_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from partnergate.store.database.engine import Store

DERIVED: Final = {
    "sessions": ("realm", "session_id"),
    "logins": ("realm", "event_id"),
    "refreshes": ("realm", "session_id", "quarter_ms"),
    "user_domains": ("realm", "user_id", "time_ms", "event_id"),
}
"""Derived tables and their key columns."""
_BATCH: Final = 5_000


def realms_of(connection: Connection) -> tuple[str, ...]:
    """Return every realm that has stored data, sorted."""
    rows = connection.execute(
        sa.text("SELECT realm FROM cursors UNION SELECT DISTINCT realm FROM sessions ORDER BY 1")
    )
    return tuple(row.realm for row in rows)


def rebuild_realm(connection: Connection, realm: str) -> int:
    """Rebuild the derived tables of a realm from its raw events; return the number of events."""
    for table in DERIVED:
        connection.execute(sa.text(f"DELETE FROM {table} WHERE realm = :realm"), {"realm": realm})  # noqa: S608
    registry = load_registry(connection, realm)
    number = 0
    for batch in raw_batches(connection, realm):
        attribute_events(connection, realm, batch, registry)
        number += len(batch)
    return number


def rebuild(store: Store, realm: str) -> int:
    """Run ``rebuild_realm`` in one transaction, so readers see either the old or the new state."""
    with store.write(lock=event_lock(realm)) as connection:
        return rebuild_realm(connection, realm)


def raw_batches(connection: Connection, realm: str) -> Iterator[list[RawEvent]]:
    """Yield the raw events of a realm in batches, ordered by time and ID."""
    query = sa.text(
        f"SELECT {', '.join(RAW_COLUMNS)} FROM raw_events WHERE realm = :realm"  # noqa: S608
        " AND (time_ms > :ms OR (time_ms = :ms AND id > :id)) ORDER BY time_ms, id LIMIT :most"
    )
    after: dict[str, Any] = {"realm": realm, "ms": -(2**62), "id": "", "most": _BATCH}
    while True:
        rows = [RawEvent(*row) for row in connection.execute(query, after)]
        if rows:
            yield rows
        if len(rows) < _BATCH:
            return
        after |= {"ms": rows[-1].time_ms, "id": rows[-1].id}


def ledger_hash(connection: Connection, realm: str) -> str:
    """Return a SHA-256 hash of a realm's derived tables. Equal content gives equal hashes."""
    digest = hashlib.sha256()
    for table, key in DERIVED.items():
        digest.update(f"{table}\n".encode())
        columns = sorted(c["name"] for c in sa.inspect(connection).get_columns(table))
        ordered = ", ".join(f'{c} COLLATE "C"' if _text(connection, c) else c for c in key)
        rows = connection.execute(
            sa.text(f"SELECT {', '.join(columns)} FROM {table} WHERE realm = :realm ORDER BY {ordered}"),  # noqa: S608
            {"realm": realm},
            execution_options={"yield_per": _BATCH},
        )
        for row in rows:
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def differs_from_raw(store: Store, realm: str) -> bool:
    """Whether the derived tables differ from a rebuild. The rebuild is rolled back."""
    with store.write(lock=event_lock(realm)) as connection:
        before = ledger_hash(connection, realm)
        rebuild_realm(connection, realm)
        after = ledger_hash(connection, realm)
        transaction = connection.get_transaction()
        if transaction is not None:
            transaction.rollback()
    return before != after


def _text(connection: Connection, column: str) -> bool:
    """Whether to sort by bytes: PostgreSQL collations can sort text by language rules."""
    return connection.dialect.name == "postgresql" and not column.endswith("_ms")
