"""The price model ``graduated``: each tier prices the units inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.model.decimals import ZERO
from partnergate.pricing.models.keys import price_shape
from partnergate.pricing.models.price_model import PriceExample
from partnergate.pricing.models.steps import Basis
from partnergate.pricing.models.tiers import (
    UNIT_TIERS,
    UnitTieredPrice,
    bands,
    graduated_rules,
    graduated_steps,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.steps import RatedTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Graduated(UnitTieredPrice):
    """Each tier prices the units inside it."""

    model = "graduated"
    shape = price_shape(model, "Each tier prices the units inside it", UNIT_TIERS)
    often = (("tiered", "prices each tier's units"),)
    guide = """\
Each tier prices the units inside it.
`up_to` is inclusive, and the last tier has none.
A tier may have a `flat` amount, which is due when the quantity reaches the tier.
"""
    example = PriceExample(
        price='{"model": "graduated", "tiers": [{"up_to": 100, "unit": "1"}, {"unit": "0.5"}]}',
        quantity="150",
        arithmetic="100 x 1 + 50 x 0.5",
        amount="125.00",
    )

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        listed = bands((tier.up_to, tier.unit, tier.flat) for tier in self.tiers)
        return graduated_steps(Basis.UNITS, listed, max(ZERO, measured.value - included), rules)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        return graduated_rules(((tier.up_to, tier.flat) for tier in self.tiers), billable)
