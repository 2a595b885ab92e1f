"""Records of the host and the partner, and the causes of their differences."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class HostStatus(StrEnum):
    """How the host's statement counts a record."""

    BILLED = "billed"
    REPEATED = "repeated"
    """A login of a user or session that was already counted."""
    FAILED = "failed"
    TEST_USER = "test_user"
    SUSPENDED = "suspended"
    UNKNOWN_USER = "unknown_user"
    """The host could not attribute it."""
    LATE = "late"
    """Received after the statement was finalized: the next statement contains a correction."""
    NOT_COUNTED = "not_counted"
    """A kind of record that the charge does not count."""


class Cause(StrEnum):
    """Why the two sides differ in one record."""

    AGREED = "agreed"
    TIME_ZONE = "time_zone"
    PERIOD_EDGE = "period_edge"
    FAILED_LOGIN = "failed_login"
    REPEATED_LOGIN = "repeated_login"
    TEST_USER = "test_user"
    SUSPENDED = "suspended"
    LATE = "late"
    UNKNOWN_USER = "unknown_user"
    DUPLICATE = "duplicate"
    QUANTITY = "quantity"
    ROUNDING = "rounding"
    PRICE = "price"
    NOT_COUNTED = "not_counted"
    MISSING_AT_HOST = "missing_at_host"
    MISSING_AT_PARTNER = "missing_at_partner"
    UNREADABLE = "unreadable"
    """A row of the partner's file with a time, number or currency that cannot be read, or without a name."""


CAUSE_WORDS: dict[Cause, str] = {
    Cause.AGREED: "both sides have it, with the same quantity and amount",
    Cause.TIME_ZONE: "the same record, with its time in another time zone",
    Cause.PERIOD_EDGE: "the same record, on the other side of the period boundary",
    Cause.FAILED_LOGIN: "excluded: the login failed",
    Cause.REPEATED_LOGIN: "excluded: the user or session was already counted",
    Cause.TEST_USER: "excluded: test user",
    Cause.SUSPENDED: "excluded: the partner was suspended",
    Cause.LATE: "received after the statement was finalized; the next statement contains a correction",
    Cause.UNKNOWN_USER: "unattributed: the host has no login of this user or session",
    Cause.DUPLICATE: "a duplicate of another row",
    Cause.QUANTITY: "the quantities differ",
    Cause.ROUNDING: "the amounts differ by less than a minor unit",
    Cause.PRICE: "the same quantity at another price or tier",
    Cause.NOT_COUNTED: "excluded: the charge does not count this kind of record",
    Cause.MISSING_AT_HOST: "only the partner has it",
    Cause.MISSING_AT_PARTNER: "only the host has it",
    Cause.UNREADABLE: "a row that cannot be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRecord:
    """One row of the partner's file."""

    row: int
    """The line of the file in which the row begins; the first is line 1."""
    id: str = ""
    time: datetime | None = None
    until: datetime | None = None
    """The end of the day that begins at ``time``, if the row has only a day."""
    user: str = ""
    """The subject key of the user, or the session; empty if the host has neither."""
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None
    trouble: str = ""
    """Why the row cannot be read."""
    known: bool = True
    """Whether the host has the user of the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """One usage event or login of the host."""

    id: str
    time: datetime
    user: str
    session: str = ""
    quantity: Decimal = Decimal(1)
    amount: Decimal = Decimal(0)
    """Its share of the line amount; zero if it is not billed."""
    status: HostStatus = HostStatus.BILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The compared period, and the same local days in the partner's time zone."""

    start: datetime
    end: datetime
    partner_start: datetime
    partner_end: datetime
    unit: Decimal
    """The minor unit; smaller differences are caused by rounding."""
    unit_price: Decimal = Decimal(0)
    """The unit price of the line, for rows without an amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedRecord:
    """A record of one or both sides, with the cause of its difference."""

    cause: Cause
    partner: PartnerRecord | None
    host: HostRecord | None
    quantity: Decimal
    """Partner minus host's billed quantity."""
    amount: Decimal
    """Partner minus host's billed amount."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """All findings of one cause."""

    cause: Cause
    count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The result: every record of both sides in exactly one finding."""

    findings: tuple[ClassifiedRecord, ...]
    counts: tuple[CauseCount, ...]
    partner_records: int
    host_records: int
    """The host's billed records of the period, and its excluded records that the partner has."""
    partner_total: Decimal
    host_total: Decimal
