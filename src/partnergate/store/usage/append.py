"""Stores usage events, each key exactly once, one batch in one transaction and one SQL statement.

One SQL statement matters on SQLite: it releases the interpreter lock while the database works, so that the
service can read the next batch from the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.metering.attributing import FUTURE_BOUND
from partnergate.metering.ports import Receipt
from partnergate.model.instants import to_us
from partnergate.store.database.engine import Dialect
from partnergate.store.usage.rows import ACTIONS, KINDS, Row, data_of, data_text, sources, types

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.metering.usage import UsageEvent
    from partnergate.model.event_data import Scalar
    from partnergate.store.usage.dependencies import Missing
    from partnergate.store.usage.rows import Numbers

_ARRAYS = ("int8", "text", "int8", "int8", "int4", "text", "int4", "text", "text", "int8", "int8")
_MOST_ROWS = 2_900
"""SQLite takes at most 32,766 parameters in a statement."""

Key = tuple[int, str]


_COLUMNS = Row._fields


@dataclass(slots=True, kw_only=True)
class UsageAppender:
    """Turns events into rows, and rows into receipts. Holds caches, so one lives as long as its store."""

    sources: Numbers = field(default_factory=sources)
    types: Numbers = field(default_factory=types)

    def append(
        self, connection: Connection, realm: str, events: Sequence[UsageEvent], received: datetime
    ) -> list[Receipt]:
        """Return ``accepted``, ``duplicate``, or ``conflict`` for each event, in order.

        The transaction holds the ``usage`` lock, so that numbers are committed in their order.
        """
        first = connection.execute(sa.text("SELECT coalesce(max(seq), 0) + 1 FROM usage_events")).scalar_one()
        rows = self._rows(connection, realm, events, to_us(received), first)
        if insert_rows(connection, rows) == len(rows):
            return [Receipt.ACCEPTED] * len(rows)
        query = sa.text("SELECT source_no, id FROM usage_events WHERE seq >= :first")
        inserted = {(row.source_no, row.id) for row in connection.execute(query, {"first": first})}
        return _compared(connection, list(map(Row._make, rows)), inserted)

    def _rows(
        self, connection: Connection, realm: str, events: Sequence[UsageEvent], at: int, first: int
    ) -> list[tuple[Any, ...]]:
        """The rows of a batch; the numbers of its few sources and types are looked up once each."""
        source_no = {s: self.sources.number(connection, realm, s) for s in {e.source for e in events}}
        type_no = {t: self.types.number(connection, t) for t in {e.type for e in events}}
        return [
            (
                source_no[source],
                event_id,
                type_no[event_type],
                to_us(time),
                KINDS.index(kind),
                subject,
                ACTIONS.index(action),
                target,
                data_text(data),
                at,
                seq,
            )
            for seq, (source, event_id, event_type, time, kind, subject, data, action, target) in enumerate(
                events, start=first
            )
        ]

    def forget(self) -> None:
        """Drop the caches after a transaction that was rolled back."""
        self.sources.forget()
        self.types.forget()


def _key(row: Row) -> Key:
    return (row.source_no, row.id)


def insert_rows(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert the ``Row`` values with new keys, and return how many were inserted."""
    if not rows:
        return 0
    if connection.dialect.name == Dialect.SQLITE:
        written = 0
        for begin in range(0, len(rows), _MOST_ROWS):
            part = rows[begin : begin + _MOST_ROWS]
            flat = tuple(chain.from_iterable(part))
            written += connection.exec_driver_sql(_sqlite_insert(len(part)), flat).rowcount
    else:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        written = connection.exec_driver_sql(_POSTGRESQL_INSERT, columns).rowcount
    return written


@lru_cache(maxsize=64)
def _sqlite_insert(number: int) -> str:
    row = f"({', '.join('?' * len(_COLUMNS))})"
    return (
        f"INSERT INTO usage_events ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * number)}"  # noqa: S608
        " ON CONFLICT DO NOTHING"
    )


# %b sends the arrays in binary: as text each value costs its sender four times as much.
_POSTGRESQL_INSERT = (
    f"INSERT INTO usage_events ({', '.join(_COLUMNS)})"  # noqa: S608 - column names of this file
    f" SELECT * FROM unnest({', '.join(f'%b::{kind}[]' for kind in _ARRAYS)})"
    " ON CONFLICT DO NOTHING"
)


def _compared(connection: Connection, rows: Sequence[Row], inserted: set[Key]) -> list[Receipt]:
    """Receipts where some keys were known already, or came twice in the batch."""
    left = set(inserted)
    again: list[int] = []
    receipts = []
    for position, row in enumerate(rows):
        if _key(row) in left:
            left.discard(_key(row))
            receipts.append(Receipt.ACCEPTED)
        else:
            again.append(position)
            receipts.append(Receipt.DUPLICATE)
    stored = stored_rows(connection, [_key(rows[p]) for p in again])
    for position in again:
        if not same_content(rows[position], stored[_key(rows[position])]):
            receipts[position] = Receipt.CONFLICT
    return receipts


def stored_rows(connection: Connection, keys: Sequence[Key]) -> dict[Key, Row]:
    """The stored row of each key."""
    query = sa.text(
        f"SELECT {', '.join(_COLUMNS)} FROM usage_events WHERE source_no = :source_no AND id IN :ids"  # noqa: S608
    ).bindparams(sa.bindparam("ids", expanding=True))
    found: dict[Key, Row] = {}
    by_source: dict[int, list[str]] = {}
    for source, event in keys:
        by_source.setdefault(source, []).append(event)
    for source, ids in by_source.items():
        for begin in range(0, len(ids), _MOST_ROWS):
            part = {"source_no": source, "ids": ids[begin : begin + _MOST_ROWS]}
            for row in connection.execute(query, part):
                found[row.source_no, row.id] = Row(*row)
    return found


def same_content(one: Row, other: Row) -> bool:
    """Whether two rows of one key have the same content, whenever they arrived."""
    described = Row._fields.index("data")
    return one[:described] == other[:described] and (
        one.data == other.data or _same_data(data_of(one.data), data_of(other.data))
    )


def _same_data(one: dict[str, Scalar], other: dict[str, Scalar]) -> bool:
    """Equal values; ``1`` and ``1.0`` are the same number, ``1`` and ``true`` are not the same value."""
    same_kinds = all(isinstance(one[k], bool) == isinstance(other.get(k), bool) for k in one)
    return same_kinds and one == other


def refined(
    events: Sequence[UsageEvent], receipts: Sequence[Receipt], received: datetime, missing: Missing
) -> tuple[Receipt, ...]:
    """Distinguishes accepted events that count now from those that wait or have an invalid time."""
    bound = received + FUTURE_BOUND
    if not missing and max((event.time for event in events), default=received) <= bound:
        return tuple(receipts)
    receipts_sent = []
    for event, receipt in zip(events, receipts, strict=True):
        final = receipt
        if receipt is Receipt.ACCEPTED:
            if event.time > bound:
                final = Receipt.QUARANTINED
            elif missing.concerns(event):
                final = Receipt.PARKED
        receipts_sent.append(final)
    return tuple(receipts_sent)
