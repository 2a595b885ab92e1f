"""Prices as cumulative cost: what a quantity costs from the start of the period, step by step.

``steps(price, measured, ...)`` is the cost of the whole quantity. What a part adds is the difference of
two such costs, so tiers, free units and packages are consumed once per period, however the quantity
is split.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.model.decimals import CONTEXT, ZERO
from partnergate.pricing.models import model_of
from partnergate.pricing.models.price_model import FixedPrice
from partnergate.pricing.models.steps import RatedTier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.agreement import Price, RatingRules
    from partnergate.pricing.models.measured import Measured


def steps(price: Price, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
    """Return every step of what the whole of ``measured`` costs, ``included`` of it free.

    A fixed price is not metered and has no steps (see ``pricing/lines.py``).
    """
    model = model_of(price)
    if isinstance(model, FixedPrice):
        raise RatingError(f"a {model.model} price has no steps")
    with localcontext(CONTEXT):
        return model.steps(measured, included, rules)


def cost(tiers: Iterable[RatedTier]) -> Decimal:
    """Return the exact sum of the steps."""
    with localcontext(CONTEXT):
        return sum((tier.amount for tier in tiers), ZERO)


def difference(after: tuple[RatedTier, ...], before: tuple[RatedTier, ...]) -> tuple[RatedTier, ...]:
    """Return what ``after`` adds to ``before``; both are steps of the same price."""
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
