"""Which rules of the agreement decided something on a line; the line lists them."""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from partnergate.model.decimals import CONTEXT
from partnergate.pricing.models import model_of
from partnergate.pricing.models.price_model import FixedPrice
from partnergate.pricing.parts import counts_uniques

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.agreement import Charge, RatingRules
    from partnergate.pricing.models.price_model import MeteredPrice
    from partnergate.pricing.parts import ChargePart
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import Component

Rules = tuple[tuple[str, str], ...]


def all_rules(rules: RatingRules) -> Rules:
    """Return every rule with its value, in the order of the agreement's keys."""
    return (
        ("rounding", rules.rounding.value),
        ("proration", rules.proration.value),
        ("tier_boundary", rules.tier_boundary.value),
        ("zero_usage_flat_fee", rules.zero_usage_flat_fee.value),
        ("unique_price_at", rules.unique_price_at.value),
    )


def deciding_rules(
    part: ChargePart, period: Period, components: tuple[Component, ...], *, rounding: bool, split: bool
) -> Rules:
    """Return the rules that the line depends on.

    ``rounding``: whether the amount was rounded.
    ``split``: whether the charge has several parts in the period.
    """
    charge, rules = part.charge, part.terms.version.agreement.rules
    by_price = _rules_of_prices(charge, components)
    decided = {
        "rounding": rounding,
        "proration": _is_shorter(part, period) and _is_prorated(charge),
        "tier_boundary": "tier_boundary" in by_price,
        "zero_usage_flat_fee": "zero_usage_flat_fee" in by_price,
        "unique_price_at": counts_uniques(charge) and (split or len(part.segments) > 1),
    }
    return tuple((key, value) for key, value in all_rules(rules) if decided[key])


def _is_shorter(part: ChargePart, period: Period) -> bool:
    return (part.start, part.end) != (period.start, period.end)


def _is_prorated(charge: Charge) -> bool:
    return bool(
        isinstance(model_of(charge.price), FixedPrice)
        or charge.included
        or charge.minimum is not None
        or charge.maximum is not None
        or (charge.discount is not None and charge.discount.amount)
    )


def _rules_of_prices(charge: Charge, components: Iterable[Component]) -> frozenset[str]:
    """Return the rules that decided the cost of at least one component."""
    with localcontext(CONTEXT):
        return frozenset(
            rule
            for component in components
            for rule in _price(charge, component).deciding_rules(component.quantity - component.included)
        )


def _price(charge: Charge, component: Component) -> FixedPrice | MeteredPrice:
    prices = (one.price for one in charge.by_dimension if one.where == component.where)
    return model_of(next(prices, charge.price))
