"""The price model ``tiered_package``: each tier charges the units inside it in packages of its own size."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - statement documents are read by these types
from typing import TYPE_CHECKING, Self

from partnergate.language.shape.collections import Object, called
from partnergate.model.decimals import ZERO, started
from partnergate.pricing.models.keys import REFUSED_TIER_BOUNDS, UP_TO, money_key, price_shape, size_key
from partnergate.pricing.models.number_checks import not_negative, valid_size
from partnergate.pricing.models.price_model import PriceExample
from partnergate.pricing.models.steps import Basis, step
from partnergate.pricing.models.tiers import TieredPrice, bands, inside, tiers_key, tiers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.price_model import Values
    from partnergate.pricing.models.steps import RatedTier


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTier:
    """A tier of packages: ``amount`` for each started package of ``size`` units inside it."""

    up_to: Decimal | None
    size: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TieredPackage(TieredPrice):
    """Each tier charges the units inside it in started packages of its own size."""

    model = "tiered_package"
    shape = price_shape(
        model,
        "Each tier charges the units inside it in started packages of its own size",
        tiers_key(
            Object(
                name="tiers",
                description="Packages for a range of quantities",
                keys=(UP_TO, size_key(), money_key("amount", "For each started package", required=True)),
                refused=(*REFUSED_TIER_BOUNDS, *called("amount", "tiers", "price", "unit")),
            )
        ),
    )
    guide = """\
Each tier charges the units inside it in packages of its own `size`: the number of packages is rounded up in each tier.
A package never spans two tiers. If `size` does not divide the units of a tier, the last package of the tier is charged in full, and the next tier starts with a new package.

`up_to` is inclusive, and the last tier has none.
`included` units come off before the tiers, and a quantity of 0 costs nothing.
`tier_boundary` decides nothing here: a quantity exactly on `up_to` has no unit in the next tier, so it starts no package there.
Tiers have no `flat` amount, so `zero_usage_flat_fee` decides nothing either.

Chargebee and Flexprice count packages in each tier in the same way; Orb rounds the whole quantity up to packages before it applies the tiers.
"""  # noqa: E501 - one sentence a line
    example = PriceExample(
        price=(
            '{"model": "tiered_package", "tiers": [{"up_to": 1000, "size": 300, "amount": "2.00"},'
            ' {"size": 500, "amount": "3.00"}]}'
        ),
        quantity="1750",
        arithmetic="4 started x 2.00 + 2 started x 3.00",
        amount="14.00",
    )

    tiers: tuple[PackageTier, ...]

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(tiers=tiers_of(values, PackageTier, "size", "amount"))

    def tier_problems(self, tier: PackageTier, path: Path) -> Iterator[CodedFinding]:
        yield from valid_size(tier.size, (*path, "size"))
        yield from not_negative(tier.amount, (*path, "amount"))

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        del rules
        billable = max(ZERO, measured.value - included)
        listed = bands((tier.up_to, tier.amount, ZERO) for tier in self.tiers)
        return tuple(
            step(Basis.PACKAGES, band, started(inside(band, billable), tier.size))
            for band, tier in zip(listed, self.tiers, strict=True)
        )

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        del billable
        return ()
