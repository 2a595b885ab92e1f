"""Keeps usage events, each key once for ever, a whole batch in one transaction and one statement.

One statement matters on SQLite: the interpreter's lock is then free while the database works, so the
next batch is read from the network meanwhile.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, select

from partnergate.store.usage_tables import EVENTS, SOURCES, TYPES, instant_of, micros
from partnergate.usage.attributing import FUTURE_BOUND
from partnergate.usage.model import SubjectKind, UsageAction, UsageEvent
from partnergate.usage.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from partnergate.usage.model import Scalar

KINDS = (SubjectKind.NONE, SubjectKind.SESSION, SubjectKind.USER, SubjectKind.PARTNER_USER)
ACTIONS = (UsageAction.RECORD, UsageAction.AMEND, UsageAction.VOID)
_KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_ACTION_NUMBER = {action: number for number, action in enumerate(ACTIONS)}

_COLUMNS = (
    "source_no",
    "id",
    "type_no",
    "time",
    "subject_kind",
    "subject",
    "action",
    "target",
    "data",
    "received",
)
_ARRAYS = ("int8", "text", "int8", "int8", "int2", "text", "int2", "text", "text", "int8")
_MOST_ROWS = 3_000
"""SQLite takes at most 32,766 parameters in a statement."""

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")
_DECODER: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

Row = tuple[int, str, int, int, int, str, int, str, str, int]
Key = tuple[int, str]


def data_text(data: Mapping[str, Scalar]) -> str:
    """The data as stored: JSON with sorted keys and exact numbers."""
    return _ENCODER.encode(data).decode()


def data_of(text: str) -> dict[str, Scalar]:
    """The data that is stored as ``text``."""
    return _DECODER.decode(text)


@dataclass(slots=True)
class Numbers:
    """The numbers of the texts of one narrow table; rows are added, never changed, so they are cached."""

    table: Table
    text: str
    _known: dict[tuple[str, ...], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def number(self, connection: Connection, *values: str) -> int:
        """The number of the row with these values, made when there is none."""
        found = self._known.get(values)
        return self._stored(connection, values) if found is None else found

    def forget(self) -> None:
        """Drop what a transaction that was rolled back may have added."""
        with self._lock:
            self._known.clear()

    def _stored(self, connection: Connection, values: tuple[str, ...]) -> int:
        columns = [c for c in self.table.columns if not c.primary_key]
        query = select(self.table.c.no).where(and_(*(c == v for c, v in zip(columns, values, strict=True))))
        number = connection.execute(query).scalar()
        if number is None:
            row = dict(zip((c.name for c in columns), values, strict=True))
            connection.execute(_ignoring_known(connection, self.table), row)
            number = connection.execute(query).scalar_one()
        with self._lock:
            self._known[values] = int(number)
        return int(number)


def _ignoring_known(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert  # noqa: PLC0415 - by dialect
    else:
        from sqlalchemy.dialects.postgresql import insert as dialect_insert  # type: ignore[assignment]  # noqa: PLC0415
    return dialect_insert(table).on_conflict_do_nothing()


@dataclass(slots=True)
class UsageAppender:
    """Turns events into rows, and rows into receipts. Holds caches, so one lives as long as its store."""

    sources: Numbers = field(default_factory=lambda: Numbers(SOURCES, "source"))
    types: Numbers = field(default_factory=lambda: Numbers(TYPES, "type"))

    def append(
        self,
        connection: Connection,
        realm: str,
        events: Sequence[UsageEvent],
        received: datetime,
        *,
        known: Callable[[Connection, str, Sequence[UsageEvent]], frozenset[str]],
    ) -> tuple[Receipt, ...]:
        """One receipt an event, in order. ``known`` names the subjects whose login is stored."""
        at = micros(received)
        rows = [self._row(connection, realm, event, at) for event in events]
        inserted = insert_rows(connection, sorted(rows, key=_key))
        if len(inserted) == len(rows):
            receipts = [Receipt.ACCEPTED] * len(rows)
        else:
            receipts = _compared(connection, rows, inserted)
        return _refined(connection, realm, events, received, receipts, known)

    def _row(self, connection: Connection, realm: str, event: UsageEvent, at: int) -> Row:
        return (
            self.sources.number(connection, realm, event.source),
            event.id,
            self.types.number(connection, event.type),
            micros(event.time),
            _KIND_NUMBER[event.subject_kind],
            event.subject,
            _ACTION_NUMBER[event.action],
            event.target,
            data_text(event.data),
            at,
        )


def _key(row: Row) -> Key:
    """Rows are written in this order everywhere, so that two writers never wait for each other in a ring."""
    return row[:2]


def insert_rows(connection: Connection, rows: Sequence[Row]) -> set[Key]:
    """Write the rows whose key is new and give those keys."""
    written: set[Key] = set()
    if connection.dialect.name == "sqlite":
        for begin in range(0, len(rows), _MOST_ROWS):
            part = rows[begin : begin + _MOST_ROWS]
            flat = tuple(value for row in part for value in row)
            found = connection.exec_driver_sql(_sqlite_insert(len(part)), flat)
            written.update((source, event) for source, event in found)
        return written
    if rows:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        found = connection.exec_driver_sql(_POSTGRESQL_INSERT, columns)
        written.update((source, event) for source, event in found)
    return written


def _sqlite_insert(number: int) -> str:
    row = f"({', '.join('?' * len(_COLUMNS))})"
    return (
        f"INSERT INTO usage_event ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * number)}"  # noqa: S608
        " ON CONFLICT DO NOTHING RETURNING source_no, id"
    )


_POSTGRESQL_INSERT = (
    f"INSERT INTO usage_event ({', '.join(_COLUMNS)})"  # noqa: S608 - column names of this file
    f" SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _ARRAYS)})"
    " ON CONFLICT DO NOTHING RETURNING source_no, id"
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
    """What is kept under each key."""
    found: dict[Key, Row] = {}
    by_source: dict[int, list[str]] = {}
    for source, event in keys:
        by_source.setdefault(source, []).append(event)
    for source, ids in by_source.items():
        for begin in range(0, len(ids), _MOST_ROWS):
            part = ids[begin : begin + _MOST_ROWS]
            query = select(*(EVENTS.c[name] for name in _COLUMNS)).where(
                EVENTS.c.source_no == source, EVENTS.c.id.in_(part)
            )
            for row in connection.execute(query):
                found[row.source_no, row.id] = tuple(row)  # type: ignore[assignment]
    return found


def same_content(one: Row, other: Row) -> bool:
    """Whether two rows of one key say the same; when they arrived does not matter."""
    return one[:8] == other[:8] and (one[8] == other[8] or _same_data(data_of(one[8]), data_of(other[8])))


def _same_data(one: dict[str, Scalar], other: dict[str, Scalar]) -> bool:
    """Equal values; ``1`` and ``1.0`` are the same number, ``1`` and ``true`` are not the same value."""
    same_kinds = all(isinstance(one[k], bool) == isinstance(other.get(k), bool) for k in one)
    return same_kinds and one == other


def _refined(
    connection: Connection,
    realm: str,
    events: Sequence[UsageEvent],
    received: datetime,
    receipts: list[Receipt],
    known: Callable[[Connection, str, Sequence[UsageEvent]], frozenset[str]],
) -> tuple[Receipt, ...]:
    """Tells accepted events that count now from those that wait or are out of time."""
    new = [e for e, r in zip(events, receipts, strict=True) if r is Receipt.ACCEPTED]
    if not new:
        return tuple(receipts)
    bound = received + FUTURE_BOUND
    present = known(connection, realm, new)
    refined = []
    for event, receipt in zip(events, receipts, strict=True):
        if receipt is not Receipt.ACCEPTED:
            refined.append(receipt)
        elif event.time > bound:
            refined.append(Receipt.QUARANTINED)
        elif event.subject_kind is SubjectKind.PARTNER_USER or event_waits_for(event) in present:
            refined.append(receipt)
        else:
            refined.append(Receipt.PARKED)
    return tuple(refined)


def event_waits_for(event: UsageEvent) -> str:
    """What must be stored before the event counts: its login, or the event it corrects."""
    if event.action is UsageAction.RECORD:
        return f"{event.subject_kind.value}:{event.subject}"
    return f"event:{event.source}\n{event.target}"


def event_of(row: Any, source: str, event_type: str) -> UsageEvent:
    """The event that a row of ``usage_event`` holds."""
    return UsageEvent(
        source=source,
        id=row.id,
        type=event_type,
        time=instant_of(row.time),
        subject_kind=KINDS[row.subject_kind],
        subject=row.subject,
        data=data_of(row.data),
        action=ACTIONS[row.action],
        target=row.target,
    )
