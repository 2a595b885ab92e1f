"""Usage events as rows: numbers for repeated texts, exact JSON for data, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import sqlalchemy as sa

from partnergate.metering.usage import SubjectKind, UsageAction, UsageEvent
from partnergate.model.instants import from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from partnergate.model.event_data import Scalar

KINDS = (SubjectKind.NONE, SubjectKind.SESSION, SubjectKind.USER, SubjectKind.PARTNER_USER)
"""The number of a kind in the database is its position here."""
ACTIONS = (UsageAction.RECORD, UsageAction.AMEND, UsageAction.VOID)

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")
_DECODER: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

HOUR_US = 3_600_000_000
DAY_HOURS = 24
QUARTERS = 4
"""In an hour."""
QUARTER_US = HOUR_US // QUARTERS


class Row(NamedTuple):
    """One row of ``usage_events``, in the order that it is written."""

    source_no: int
    id: str
    type_no: int
    time_us: int
    subject_kind: int
    subject: str
    action: int
    target: str
    data: str
    received_us: int
    seq: int


def data_text(data: Mapping[str, Scalar]) -> str:
    """The data as stored: JSON with sorted keys and exact numbers."""
    return _ENCODER.encode(data).decode()


def data_of(text: str) -> dict[str, Scalar]:
    """The data that is stored as ``text``."""
    return _DECODER.decode(text)


def event_of(row: Any, source: str, event_type: str) -> UsageEvent:
    """Return the event in a row of ``usage_events``."""
    return UsageEvent(
        source=source,
        id=row.id,
        type=event_type,
        time=from_us(row.time_us),
        subject_kind=KINDS[row.subject_kind],
        subject=row.subject,
        data=data_of(row.data),
        action=ACTIONS[row.action],
        target=row.target,
    )


@dataclass(slots=True, kw_only=True)
class Numbers:
    """The numbers of the strings in one lookup table, cached because rows never change.

    Used inside a transaction that holds the lock for new numbers. After a rollback, call ``forget``.
    """

    table: str
    columns: tuple[str, ...]
    _known: dict[tuple[str, ...], int] = field(default_factory=dict)

    def number(self, connection: Connection, *values: str) -> int:
        """Return the number of the row with these values. Inserts the row if it does not exist."""
        found = self._known.get(values)
        if found is None:
            found = self.find(connection, *values)
        if found is None:
            listed, marks = ", ".join(self.columns), ", ".join(f":{c}" for c in self.columns)
            found = connection.execute(
                sa.text(
                    f"INSERT INTO {self.table} (no, {listed}) "  # noqa: S608 - names of this package
                    f"SELECT coalesce(max(no), 0) + 1, {marks} FROM {self.table} RETURNING no"
                ),
                dict(zip(self.columns, values, strict=True)),
            ).scalar_one()
        self._known[values] = found
        return found

    def find(self, connection: Connection, *values: str) -> int | None:
        """The number of the row with these values, if there is one."""
        where = " AND ".join(f"{c} = :{c}" for c in self.columns)
        return connection.execute(
            sa.text(f"SELECT no FROM {self.table} WHERE {where}"),  # noqa: S608 - names of this package
            dict(zip(self.columns, values, strict=True)),
        ).scalar()

    def forget(self) -> None:
        """Drop entries that a rolled-back transaction may have added."""
        self._known.clear()


def sources() -> Numbers:
    """The sources of events: realm, source."""
    return Numbers(table="usage_sources", columns=("realm", "source"))


def types() -> Numbers:
    """The types of events."""
    return Numbers(table="usage_types", columns=("type",))


def owners() -> Numbers:
    """The partners that events belong to: realm, partner."""
    return Numbers(table="usage_owners", columns=("realm", "partner"))
