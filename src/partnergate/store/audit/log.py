"""The audit log in the database: appended and read, never changed.

Triggers reject every change, and the hash chain reveals a change that bypassed them. A deed in the store
is recorded in its own transaction, so that neither exists without the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from partnergate.audit.entry import FIRST, AuditEntry, AuditError, content_of, entry_after, entry_of, hash_of
from partnergate.model.instants import to_us
from partnergate.store.database.engine import take_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from partnergate.audit.entry import AuditEvent
    from partnergate.store.database.engine import Store

_BATCH: Final = 1_000
_KNOWN: Final = sa.text("SELECT sequence FROM audit_entries WHERE entry_key = :key")
_LAST: Final = sa.text("SELECT sequence, sha256 FROM audit_entries ORDER BY sequence DESC LIMIT 1")
_INSERT: Final = sa.text(
    "INSERT INTO audit_entries (sequence, at_us, environment, deed, actor, entry_key, previous, sha256, "
    "content) VALUES (:sequence, :at_us, :environment, :deed, :actor, :key, :previous, :sha256, :content)"
)
_PAGE: Final = (
    "SELECT sequence, content FROM audit_entries WHERE sequence < :before{only} "
    "ORDER BY sequence DESC LIMIT :limit"
)
_ALL: Final = sa.text(
    "SELECT sequence, at_us, environment, deed, actor, entry_key, previous, sha256, content "
    "FROM audit_entries ORDER BY sequence"
)
_END: Final = 2**62


class StoredAudit:
    """The log of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, event: AuditEvent) -> int:
        """Record a deed in a transaction of its own; the same key again returns the first entry's number."""
        with self._store.write() as connection:
            return record_in(connection, event)

    def latest(
        self, *, limit: int, before: int | None = None, environment: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return up to ``limit`` entries before that number, newest first, of one environment or of all.

        Raises ``AuditError`` with the number of an entry that is not as it was written.
        """
        only = "" if environment is None else " AND environment = :environment"
        values = {"before": _END if before is None else min(before, _END), "limit": limit}
        if environment is not None:
            values |= {"environment": environment}  # type: ignore[dict-item]
        with self._store.read() as connection:
            rows = connection.execute(sa.text(_PAGE.format(only=only)), values)
            return tuple(_stored_entry(row.sequence, str(row.content).encode()) for row in rows)

    def contents(self) -> Iterator[bytes]:
        """Yield the canonical bytes of every entry, from one state of the database."""
        with self._store.read() as connection:
            for row in connection.execute(_ALL, execution_options={"yield_per": _BATCH}):
                yield str(row.content).encode()

    def column_problems(self) -> Iterator[str]:
        """Yield each row whose columns differ from its content; queries use the columns."""
        with self._store.read() as connection:
            for row in connection.execute(_ALL, execution_options={"yield_per": _BATCH}):
                content = str(row.content).encode()
                if row.sha256 != hash_of(content) or _columns(entry_of(content)) != {
                    "sequence": row.sequence,
                    "at_us": row.at_us,
                    "environment": row.environment,
                    "deed": row.deed,
                    "actor": row.actor,
                    "key": row.entry_key,
                    "previous": row.previous,
                }:
                    yield f"entry {row.sequence}: its columns differ from its content"


def record_in(connection: Connection, event: AuditEvent) -> int:
    """Record a deed in the transaction of the deed; returns the number of its entry."""
    if connection.dialect.name == "postgresql":
        take_lock(connection, "audit")  # SQLite has one writer
    known = connection.execute(_KNOWN, {"key": event.key}).scalar()
    if known is not None:
        return int(known)
    last = connection.execute(_LAST).first()
    entry = entry_after(
        event,
        sequence=0 if last is None else last.sequence,
        previous=FIRST if last is None else last.sha256,
    )
    content = content_of(entry)
    connection.execute(_INSERT, _columns(entry) | {"sha256": hash_of(content), "content": content.decode()})
    return entry.sequence


def _stored_entry(sequence: int, content: bytes) -> AuditEntry:
    try:
        return entry_of(content)
    except AuditError as error:
        raise AuditError(
            f"entry {sequence} of the audit log was changed: {error.what}",
            advice=f"run partnergate audit verify; the entries before it: audit list --before {sequence}",
        ) from None


def _columns(entry: AuditEntry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at_us": to_us(entry.at),
        "environment": entry.environment,
        "deed": entry.deed.value,
        "actor": entry.actor.name,
        "key": entry.key,
        "previous": entry.previous,
    }
