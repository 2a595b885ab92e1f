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
    """Periods start at local midnight of the anchor.

    ``anchor_day`` is the day of the month 1..31 (the last day where a month is shorter), for a week
    the ISO weekday 1..7. ``anchor_month`` (1..12) is used by quarter and year.
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
    """Distinct local days on which the user was seen."""


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


class FlatTiming(StrEnum):
    """When a flat price is due."""

    ADVANCE = "advance"
    ARREARS = "arrears"
    ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A fixed amount a period, or once."""

    amount: Decimal
    timing: FlatTiming = FlatTiming.ARREARS


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit:
    """The same price for each unit."""

    unit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """``up_to`` is inclusive by default (see ``RatingRules.tier_boundary``); the last tier has none."""

    up_to: Decimal | None
    unit: Decimal = Decimal(0)
    flat: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graduated:
    """Each tier prices the units inside it."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The tier that the whole quantity reaches prices all of it."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An amount for each started package of ``size`` units."""

    size: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage:
    """A percentage of the metered money amount, with an optional fixed fee per event."""

    percent: Decimal
    fixed: Decimal = Decimal(0)
    free_events: int = 0
    """Events without the fixed fee."""
    event_minimum: Decimal | None = None
    event_maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentTier:
    """A tier of a graduated percentage, over the metered money amount."""

    up_to: Decimal | None
    percent: Decimal
    flat: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraduatedPercentage:
    """Each tier takes its percentage of the amount inside it."""

    tiers: tuple[PercentTier, ...]


Price = Flat | PerUnit | Graduated | Volume | Package | Percentage | GraduatedPercentage


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionPrice:
    """The price for events whose dimensions match; the first that matches is used."""

    where: tuple[tuple[str, str], ...]
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Taken off a charge before its minimum and maximum; percent first, then amount."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of the agreement."""

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
    """The unit by which flat amounts, minimums and included quantities of part periods shrink."""

    SECOND = "second"
    DAY = "day"
    NONE = "none"


class TierBoundary(StrEnum):
    """Which tier a quantity exactly on ``up_to`` belongs to (billing practice differs)."""

    LOWER = "lower"
    HIGHER = "higher"


class ZeroUsageFlatFee(StrEnum):
    """Whether the flat fee of the first tier is due at zero usage."""

    CHARGED = "charged"
    FREE = "free"


class UniquePriceAt(StrEnum):
    """Which price a unique counts at when the price changes inside a period."""

    FIRST_ACTIVITY = "first_activity"
    PERIOD_START = "period_start"


class Rounding(StrEnum):
    """How a line's exact amount becomes the currency's minor unit; once per line."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRules:
    """The rules where the field disagrees, each printed on the statement."""

    rounding: Rounding = Rounding.HALF_UP
    proration: Proration = Proration.DAY
    tier_boundary: TierBoundary = TierBoundary.LOWER
    zero_usage_flat_fee: ZeroUsageFlatFee = ZeroUsageFlatFee.FREE
    unique_price_at: UniquePriceAt = UniquePriceAt.FIRST_ACTIVITY


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueShare:
    """What the partner is owed of what it pays."""

    partner_percent: Decimal
    of: str = "usage"
    """``usage`` (metered charges), ``all``, or the name of one charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A declared rate on the total of the rounded lines."""

    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version of the terms, in force in ``[effective, until)``."""

    effective: date
    until: date | None
    """Exclusive; filled from the next version where the file leaves it open."""
    currency: str
    time_zone: str
    cycle: Cycle
    charges: tuple[Charge, ...]
    active_user: ActiveUserRule = ActiveUserRule()
    minimum: Decimal | None = None
    """Minimum commitment for a period; the difference is a true-up line."""
    revenue_share: RevenueShare | None = None
    tax: Tax | None = None
    rules: RatingRules = RatingRules()
    grace_hours: int = 24
    line: int = 0
    """Where the version starts in the partner file."""
