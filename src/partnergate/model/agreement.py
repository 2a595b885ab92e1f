"""The commercial terms of a partner: what is measured, at which price, in which cycle.

Values only; amounts are ``Decimal`` in the agreement's currency, percentages are ``Decimal`` in
percent (``Decimal("20")`` is one fifth). Dates are local dates of ``time_zone``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import date


class CycleUnit(StrEnum):
    """The length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Periods start at local midnight of the anchor day.

    ``anchor_day`` is the day of the month 1..31 (at most its last day), or in a weekly cycle the ISO
    weekday 1..7. ``anchor_month`` (1..12) applies to quarters and years.
    """

    every: CycleUnit = CycleUnit.MONTH
    anchor_day: int = 1
    anchor_month: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveUserRule:
    """When a user counts as active in a period."""

    by: tuple[str, ...] = ("login",)
    """Any of ``login``, ``refresh``, ``usage``; sorted."""
    unique_by: str = "partner_subject"
    """``partner_subject`` or ``keycloak_user``."""
    min_days: int = 1
    """Number of different local days on which the user was active."""


AggregateName = NewType("AggregateName", str)
"""How usage events become a quantity: the name of an aggregate in ``metering.aggregates``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMeter:
    """A quantity made of the host's usage events."""

    event: str
    """The CloudEvents ``type``."""
    aggregate: AggregateName
    of: str | None = None
    """The data field that the aggregate reads; none for an aggregate of events."""
    where: tuple[tuple[str, str], ...] = ()
    """Dimension values that an event must have, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveUsersMeter:
    """Users active by the agreement's rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginsMeter:
    """Brokered logins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsMeter:
    """Sessions, counted by their start."""


Meter = UsageMeter | ActiveUsersMeter | LoginsMeter | SessionsMeter


class Price:
    """How a quantity becomes an amount. The price models (``pricing.models``) are its subclasses."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionPrice:
    """The price of events whose dimensions match; the first match is used."""

    where: tuple[tuple[str, str], ...]
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Subtracted from a charge before its minimum and maximum; percent first, then amount."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge of the agreement; it becomes a line of the statement."""

    name: str
    """Unique in its agreement; the line's identity across versions."""
    price: Price
    meter: Meter | None = None
    """None for a flat price."""
    included: Decimal = Decimal(0)
    """Units free of charge each period."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    discount: Discount | None = None
    by_dimension: tuple[DimensionPrice, ...] = ()


class Proration(StrEnum):
    """Unit by which flat amounts, minimums, and included quantities of partial periods are prorated."""

    SECOND = "second"
    DAY = "day"
    NONE = "none"


class TierBoundary(StrEnum):
    """Tier of a quantity that equals ``up_to``. Billing practice differs."""

    LOWER = "lower"
    HIGHER = "higher"


class ZeroUsageFlatFee(StrEnum):
    """Whether the flat fee of the first tier is charged without usage."""

    CHARGED = "charged"
    FREE = "free"


class UniquePriceAt(StrEnum):
    """Price for unique users when the price changes mid-period."""

    FIRST_ACTIVITY = "first_activity"
    PERIOD_START = "period_start"


class Rounding(StrEnum):
    """How the exact amount of a line is rounded to the minor unit of the currency, once per line."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRules:
    """Billing rules where practice differs. Printed on the statement."""

    rounding: Rounding = Rounding.HALF_UP
    proration: Proration = Proration.DAY
    tier_boundary: TierBoundary = TierBoundary.LOWER
    zero_usage_flat_fee: ZeroUsageFlatFee = ZeroUsageFlatFee.FREE
    unique_price_at: UniquePriceAt = UniquePriceAt.FIRST_ACTIVITY


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueShare:
    """The partner's share of the amount that it pays."""

    partner_percent: Decimal
    of: str = "usage"
    """``usage`` (metered charges), ``all``, or the name of one charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """Tax rate on the total of the rounded lines."""

    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version of the terms, in effect in ``[effective, until)``."""

    effective: date
    until: date | None
    """Exclusive. Taken from the next version if the file does not set it."""
    currency: str
    time_zone: str
    cycle: Cycle
    charges: tuple[Charge, ...]
    active_user: ActiveUserRule = ActiveUserRule()
    minimum: Decimal | None = None
    """Minimum commitment per period. The difference is a true-up line."""
    revenue_share: RevenueShare | None = None
    tax: Tax | None = None
    rules: RatingRules = RatingRules()
    grace_hours: int = 24
    line: int = 0
    """Line of the partner file where the version starts."""
