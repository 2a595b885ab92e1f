"""The price model ``per_unit``: the same price for each unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - statement documents are read by these types
from typing import TYPE_CHECKING, Self

from partnergate.language.shape.amounts import amount
from partnergate.model.decimals import ZERO
from partnergate.pricing.models.keys import money_key, price_shape
from partnergate.pricing.models.number_checks import not_negative
from partnergate.pricing.models.price_model import MeteredPrice, PriceExample
from partnergate.pricing.models.steps import Band, Basis, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.price_model import Values
    from partnergate.pricing.models.steps import RatedTier


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(MeteredPrice):
    """The same price for each unit."""

    model = "per_unit"
    shape = price_shape(
        model,
        "The same price for each unit",
        money_key("unit", "For each unit", required=True),
        amount_key="unit",
        instead=("price", "amount"),
    )
    guide = "The same price for each unit. Units may have decimals, and so may the price of one.\n"
    example = PriceExample(
        price='{"model": "per_unit", "unit": "0.015"}',
        quantity="200",
        arithmetic="200 x 0.015",
        amount="3.00",
    )

    unit: Decimal

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(unit=amount(values, "unit"))

    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        yield from not_negative(self.unit, (*path, "unit"))

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        del rules
        return (step(Basis.UNITS, Band(unit=self.unit), max(ZERO, measured.value - included)),)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        del billable
        return ()

    @property
    def unit_price(self) -> Decimal:
        return self.unit
