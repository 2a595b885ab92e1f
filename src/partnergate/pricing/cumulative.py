"""Prices as cumulative cost: what a quantity costs from the start of the period, step by step.

``steps(price, measured, ...)`` is the whole cost of the whole quantity. What a part adds is the
difference of two such costs, so tiers, free units and packages are consumed once per period,
however the quantity arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, assert_never

from partnergate.errors import RatingError
from partnergate.model.agreement import (
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    PerUnit,
    Price,
    RatingRules,
    TierBoundary,
    Volume,
    ZeroUsageFlatFee,
)
from partnergate.pricing.money import CONTEXT, exact, started
from partnergate.pricing.rated import Basis, RatedTier

if TYPE_CHECKING:
    from collections.abc import Iterable

ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A quantity to price: its value, the events behind it, and their values where a price needs them."""

    value: Decimal = ZERO
    events: int = 0
    event_values: tuple[Decimal, ...] = ()
    """In the order of the events' times."""

    def plus(self, other: Measured) -> Measured:
        """Both, this one first."""
        return Measured(
            value=self.value + other.value,
            events=self.events + other.events,
            event_values=self.event_values + other.event_values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A tier of any kind: bounds, and the rate inside them."""

    lower: Decimal
    upper: Decimal | None
    unit: Decimal
    flat: Decimal


def model_name(price: Price) -> str:
    """The word for the price in files and on statements."""
    match price:
        case Flat():
            return "flat"
        case PerUnit():
            return "per_unit"
        case Graduated():
            return "graduated"
        case Volume():
            return "volume"
        case Package():
            return "package"
        case Percentage():
            return "percentage"
        case GraduatedPercentage():
            return "graduated_percentage"
        case _:
            assert_never(price)


def steps(price: Price, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
    """What the whole of ``measured`` costs, ``included`` of it free; every step of the price is listed.

    A flat price is not metered and has its own place (``rating/lines.py``).
    """
    with localcontext(CONTEXT):
        billable = max(ZERO, measured.value - included)
        match price:
            case Flat():
                raise RatingError("a flat price has no steps")
            case PerUnit():
                return (
                    _tier(Basis.UNITS, _Step(lower=ZERO, upper=None, unit=price.unit, flat=ZERO), billable),
                )
            case Graduated():
                tiers = tuple((tier.up_to, tier.unit, tier.flat) for tier in price.tiers)
                return _graduated(Basis.UNITS, _bounds(tiers), billable, rules)
            case GraduatedPercentage():
                shares = tuple((tier.up_to, tier.percent, tier.flat) for tier in price.tiers)
                return _graduated(Basis.AMOUNT, _bounds(shares), billable, rules)
            case Volume():
                tiers = tuple((tier.up_to, tier.unit, tier.flat) for tier in price.tiers)
                return _volume(_bounds(tiers), billable, rules)
            case Package():
                step = _Step(lower=ZERO, upper=None, unit=price.amount, flat=ZERO)
                return (_tier(Basis.PACKAGES, step, started(billable, price.size)),)
            case Percentage():
                return _percentage(price, measured, included)
            case _:
                assert_never(price)


def cost(tiers: Iterable[RatedTier]) -> Decimal:
    """The sum of the steps, exact."""
    with localcontext(CONTEXT):
        return sum((tier.amount for tier in tiers), ZERO)


def difference(after: tuple[RatedTier, ...], before: tuple[RatedTier, ...]) -> tuple[RatedTier, ...]:
    """What ``after`` adds to ``before``; both are steps of the same price."""
    with localcontext(CONTEXT):
        return tuple(
            RatedTier(
                lower=now.lower,
                upper=now.upper,
                basis=now.basis,
                quantity=now.quantity - then.quantity,
                unit=now.unit,
                flat=now.flat - then.flat,
                amount=now.amount - then.amount,
            )
            for now, then in zip(after, before, strict=True)
        )


def _bounds(tiers: tuple[tuple[Decimal | None, Decimal, Decimal], ...]) -> tuple[_Step, ...]:
    lowers = (ZERO, *(up_to for up_to, _, _ in tiers[:-1] if up_to is not None))
    return tuple(
        _Step(lower=lower, upper=up_to, unit=unit, flat=flat)
        for lower, (up_to, unit, flat) in zip(lowers, tiers, strict=True)
    )


def _tier(basis: Basis, step: _Step, quantity: Decimal, *, flat: bool = False) -> RatedTier:
    fee = step.flat if flat else ZERO
    rate = step.unit / _HUNDRED if basis is Basis.AMOUNT else step.unit
    return RatedTier(
        lower=step.lower,
        upper=step.upper,
        basis=basis,
        quantity=quantity,
        unit=step.unit,
        flat=fee,
        amount=exact(quantity * rate + fee),
    )


def _reached(step: _Step, quantity: Decimal, rules: RatingRules) -> bool:
    """Whether the quantity has come into the tier, so that its flat fee is due."""
    if quantity == 0:
        return step.lower == 0 and rules.zero_usage_flat_fee is ZeroUsageFlatFee.CHARGED
    if step.lower == 0 or quantity > step.lower:
        return True
    return quantity == step.lower and rules.tier_boundary is TierBoundary.HIGHER


def _graduated(
    basis: Basis, bounds: tuple[_Step, ...], quantity: Decimal, rules: RatingRules
) -> tuple[RatedTier, ...]:
    def inside(step: _Step) -> Decimal:
        top = quantity if step.upper is None else min(quantity, step.upper)
        return max(ZERO, top - step.lower)

    return tuple(_tier(basis, step, inside(step), flat=_reached(step, quantity, rules)) for step in bounds)


def _volume(bounds: tuple[_Step, ...], quantity: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
    reached = [index for index, step in enumerate(bounds) if _reached(step, quantity, rules)]
    chosen = reached[-1] if reached else -1
    return tuple(
        _tier(Basis.UNITS, step, quantity if index == chosen else ZERO, flat=index == chosen)
        for index, step in enumerate(bounds)
    )


def _percentage(price: Percentage, measured: Measured, included: Decimal) -> tuple[RatedTier, ...]:
    share = _Step(lower=ZERO, upper=None, unit=price.percent, flat=ZERO)
    fixed = _Step(lower=ZERO, upper=None, unit=price.fixed, flat=ZERO)
    amount = _tier(Basis.AMOUNT, share, max(ZERO, measured.value - included))
    events = _tier(Basis.EVENTS, fixed, Decimal(max(0, measured.events - price.free_events)))
    if price.event_minimum is None and price.event_maximum is None:
        return (amount, events)
    bounded = _bounded_fees(price, measured, included)
    adjustment = RatedTier(
        lower=ZERO,
        upper=None,
        basis=Basis.EVENTS,
        quantity=ZERO,
        unit=ZERO,
        flat=bounded - amount.amount - events.amount,
        amount=bounded - amount.amount - events.amount,
    )
    return (amount, events, adjustment)


def _bounded_fees(price: Percentage, measured: Measured, included: Decimal) -> Decimal:
    """The fees of the single events, each between the minimum and the maximum.

    The included amount and the free events are consumed in the order of the events. An event that
    costs nothing because of them stays free; the minimum does not apply to it.
    """
    if len(measured.event_values) != measured.events:
        raise RatingError(
            "a percentage with a minimum or maximum per event needs the amount of every event",
            advice="give event_values with the quantity",
        )
    left, total = included, ZERO
    for number, value in enumerate(measured.event_values):
        free = min(left, value)
        left -= free
        charged_fixed = number >= price.free_events
        if free == value and not charged_fixed:
            continue
        fee = (value - free) * price.percent / _HUNDRED + (price.fixed if charged_fixed else ZERO)
        if price.event_minimum is not None:
            fee = max(fee, price.event_minimum)
        if price.event_maximum is not None:
            fee = min(fee, price.event_maximum)
        total += fee
    return exact(total)
