"""The price model ``package``: an amount for each started package of units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - statement documents are read by these types
from typing import TYPE_CHECKING, Self

from partnergate.language.shape.amounts import amount
from partnergate.model.decimals import ZERO, started
from partnergate.pricing.models.keys import money_key, price_shape, size_key
from partnergate.pricing.models.number_checks import not_negative, valid_size
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
class Package(MeteredPrice):
    """An amount for each started package of ``size`` units."""

    model = "package"
    shape = price_shape(
        model,
        "An amount for each started package",
        size_key(),
        money_key("amount", "For each started package", required=True),
        amount_key="amount",
        instead=("price", "unit"),
    )
    guide = """\
An amount for each started package of `size` units: the number of packages is rounded up.
A quantity of 0 starts no package and costs nothing.
"""
    example = PriceExample(
        price='{"model": "package", "size": 1000, "amount": "1.20"}',
        quantity="7500.5",
        arithmetic="8 started x 1.20",
        amount="9.60",
    )

    size: Decimal
    amount: Decimal

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(size=amount(values, "size"), amount=amount(values, "amount"))

    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        yield from valid_size(self.size, (*path, "size"))
        yield from not_negative(self.amount, (*path, "amount"))

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        del rules
        packages = started(max(ZERO, measured.value - included), self.size)
        return (step(Basis.PACKAGES, Band(unit=self.amount), packages),)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        del billable
        return ()
