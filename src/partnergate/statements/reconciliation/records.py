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
    """A row of the partner's file without a readable time or user."""


CAUSE_WORDS: dict[Cause, str] = {
    Cause.AGREED: "both sides have it, with the same quantity and amount",
    Cause.TIME_ZONE: "the same record, its time read in another zone",
    Cause.PERIOD_EDGE: "the same record, on the other side of the period's edge",
    Cause.FAILED_LOGIN: "a login that failed and counts for nothing",
    Cause.REPEATED_LOGIN: "a login of somebody who was counted already",
    Cause.TEST_USER: "a test user, who is never billed",
    Cause.SUSPENDED: "while the partner was suspended",
    Cause.LATE: "came after the statement was final; on the next one as a correction",
    Cause.UNKNOWN_USER: "the host knows no login of this user or session",
    Cause.DUPLICATE: "the same record again",
    Cause.QUANTITY: "the two sides have another quantity",
    Cause.ROUNDING: "the amounts differ by less than a minor unit",
    Cause.PRICE: "the same quantity at another price or tier",
    Cause.NOT_COUNTED: "of a kind that the charge does not count",
    Cause.MISSING_AT_HOST: "only the partner has it",
    Cause.MISSING_AT_PARTNER: "only the host has it",
    Cause.UNREADABLE: "a row that cannot be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRecord:
    """One row of the partner's file."""

    row: int
    """Of the file, the head being row 1."""
    id: str = ""
    time: datetime | None = None
    user: str = ""
    """The person's key, or the session; empty where the row names none that is known."""
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None
    trouble: str = ""
    """Why the row cannot be read."""
    known: bool = True
    """Whether the host knows the user the row names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """One usage event or login as the host knows it."""

    id: str
    time: datetime
    user: str
    session: str = ""
    quantity: Decimal = Decimal(1)
    amount: Decimal = Decimal(0)
    """Its part of the line; zero where it is not billed."""
    status: HostStatus = HostStatus.BILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is compared: the period, and the same local days in the partner's zone."""

    start: datetime
    end: datetime
    partner_start: datetime
    partner_end: datetime
    unit: Decimal
    """The minor unit: amounts that differ by less are a rounding."""
    unit_price: Decimal = Decimal(0)
    """What a unit costs on the line, for rows that have no amount of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedRecord:
    """A record of one side, or a record that both sides have, with the cause of its difference."""

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
    """Those the host bills in the period, and those it does not bill that the partner has."""
    partner_total: Decimal
    host_total: Decimal
