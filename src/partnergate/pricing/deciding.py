"""Which of the agreement's rules decided something on a line, so that the line can name them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.model.agreement import Flat, Graduated, GraduatedPercentage, Volume
from partnergate.pricing.parts import counts_uniques

if TYPE_CHECKING:
    from partnergate.model.agreement import Charge, Price, RatingRules
    from partnergate.pricing.parts import Part
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import Component

Rules = tuple[tuple[str, str], ...]


def all_rules(rules: RatingRules) -> Rules:
    """Every rule with its value, in the order of the agreement's keys."""
    return (
        ("rounding", rules.rounding.value),
        ("proration", rules.proration.value),
        ("tier_boundary", rules.tier_boundary.value),
        ("zero_usage_flat_fee", rules.zero_usage_flat_fee.value),
        ("unique_price_at", rules.unique_price_at.value),
    )


def deciding_rules(
    part: Part, period: Period, components: tuple[Component, ...], *, rounding: bool, cut: bool
) -> Rules:
    """The rules without which the line could read differently.

    ``rounding``: the amount was rounded; ``cut``: the charge has several parts in the period.
    """
    charge, rules = part.charge, part.terms.version.agreement.rules
    decided = {
        "rounding": rounding,
        "proration": _shorter(part, period) and _shrinks(charge),
        "tier_boundary": any(_on_boundary(_price(charge, c), c) for c in components),
        "zero_usage_flat_fee": any(_zero_with_fee(_price(charge, c), c) for c in components),
        "unique_price_at": counts_uniques(charge) and (cut or len(part.segments) > 1),
    }
    return tuple((key, value) for key, value in all_rules(rules) if decided[key])


def _shorter(part: Part, period: Period) -> bool:
    return (part.start, part.end) != (period.start, period.end)


def _shrinks(charge: Charge) -> bool:
    return bool(
        isinstance(charge.price, Flat)
        or charge.included
        or charge.minimum is not None
        or charge.maximum is not None
        or (charge.discount is not None and charge.discount.amount)
    )


def _price(charge: Charge, component: Component) -> Price:
    return next((one.price for one in charge.by_dimension if one.where == component.where), charge.price)


def _billable(component: Component) -> Decimal:
    return sum((tier.quantity for tier in component.tiers), Decimal(0))


def _on_boundary(price: Price, component: Component) -> bool:
    match price:
        case Graduated(tiers=tiers):
            return any(tier.up_to == _billable(component) for tier in tiers) and any(t.flat for t in tiers)
        case GraduatedPercentage(tiers=shares):
            return any(tier.up_to == _billable(component) for tier in shares) and any(t.flat for t in shares)
        case Volume(tiers=tiers):
            return any(tier.up_to == _billable(component) for tier in tiers)
        case _:
            return False


def _zero_with_fee(price: Price, component: Component) -> bool:
    match price:
        case Graduated(tiers=tiers) | Volume(tiers=tiers):
            return bool(tiers[0].flat) and _billable(component) == 0
        case GraduatedPercentage(tiers=shares):
            return bool(shares[0].flat) and _billable(component) == 0
        case _:
            return False
