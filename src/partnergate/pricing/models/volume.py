"""The price model ``volume``: the tier that the whole quantity reaches prices all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.model.decimals import ZERO
from partnergate.pricing.models.keys import price_shape
from partnergate.pricing.models.price_model import PriceExample
from partnergate.pricing.models.steps import Basis, step
from partnergate.pricing.models.tiers import UNIT_TIERS, UnitTieredPrice, bands, is_reached, tier_rules

if TYPE_CHECKING:
    from decimal import Decimal

    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.steps import RatedTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(UnitTieredPrice):
    """The tier that the whole quantity reaches prices all of it."""

    model = "volume"
    shape = price_shape(model, "The tier that the whole quantity reaches prices all of it", UNIT_TIERS)
    often = (("tiered", "prices all units by one tier"),)
    guide = """\
The tier that the whole quantity reaches prices all of it, so the amount may fall where a cheaper tier begins.
The tiers are those of `graduated`; only the `flat` amount of the tier reached is due.
"""
    example = PriceExample(
        price='{"model": "volume", "tiers": [{"up_to": 100, "unit": "1"}, {"unit": "0.5"}]}',
        quantity="150",
        arithmetic="150 x 0.5",
        amount="75.00",
    )

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        listed = bands((tier.up_to, tier.unit, tier.flat) for tier in self.tiers)
        quantity = max(ZERO, measured.value - included)
        reached = [number for number, band in enumerate(listed) if is_reached(band, quantity, rules)]
        chosen = reached[-1] if reached else -1
        return tuple(
            step(Basis.UNITS, band, quantity if number == chosen else ZERO, flat=number == chosen)
            for number, band in enumerate(listed)
        )

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        return tier_rules(((tier.up_to, tier.flat) for tier in self.tiers), billable, boundary=True)
