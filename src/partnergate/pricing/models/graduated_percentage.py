"""The price model ``graduated_percentage``: each tier takes its percentage of the money inside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from partnergate.language.shape.collections import Object
from partnergate.model.decimals import ZERO
from partnergate.pricing.models.keys import REFUSED_TIER_BOUNDS, UP_TO, money_key, percent_key, price_shape
from partnergate.pricing.models.number_checks import not_negative, valid_percent
from partnergate.pricing.models.price_model import PriceExample
from partnergate.pricing.models.steps import Basis
from partnergate.pricing.models.tiers import (
    TieredPrice,
    bands,
    graduated_rules,
    graduated_steps,
    tiers_key,
    tiers_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.price_model import Values
    from partnergate.pricing.models.steps import RatedTier


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentTier:
    """A tier of a graduated percentage, over the metered money amount."""

    up_to: Decimal | None
    percent: Decimal
    flat: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraduatedPercentage(TieredPrice):
    """Each tier takes its percentage of the amount inside it."""

    model = "graduated_percentage"
    shape = price_shape(
        model,
        "Each tier takes its percentage of the amount inside it",
        tiers_key(
            Object(
                name="tiers",
                description="A percentage for a range of amounts",
                keys=(
                    UP_TO,
                    percent_key("percent", "Of the amount inside the tier", required=True),
                    money_key("flat", "Once, when the tier is reached", default="0"),
                ),
                refused=REFUSED_TIER_BOUNDS,
            )
        ),
    )
    guide = """\
Each tier takes its percentage of the metered amount inside it.
A tier may have a `flat` amount, which is due when the amount reaches the tier.
The meter must be a `sum` of an amount of money.
"""
    example = PriceExample(
        price=(
            '{"model": "graduated_percentage", "tiers": [{"up_to": 1000, "percent": "2"}, {"percent": "1"}]}'
        ),
        quantity="1500",
        arithmetic="20 + 5",
        amount="25.00",
    )
    measures_money = True

    tiers: tuple[PercentTier, ...]

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(tiers=tiers_of(values, PercentTier, "percent", "flat"))

    def tier_problems(self, tier: PercentTier, path: Path) -> Iterator[CodedFinding]:
        yield from not_negative(tier.flat, (*path, "flat"))
        yield from valid_percent(tier.percent, (*path, "percent"))

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        listed = bands((tier.up_to, tier.percent, tier.flat) for tier in self.tiers)
        return graduated_steps(Basis.AMOUNT, listed, max(ZERO, measured.value - included), rules)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        return graduated_rules(((tier.up_to, tier.flat) for tier in self.tiers), billable)
