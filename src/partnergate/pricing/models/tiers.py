"""Shared code of the tiered price models: tiers, their order, steps, and descriptions.

The bounds of a tier are its ``up_to`` and that of the tier before. Which tier a quantity exactly on
``up_to`` belongs to is a rule of the agreement (``tier_boundary``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, TypeVar

from partnergate.language.shape.amounts import amount, optional_amount
from partnergate.language.shape.collections import Key, ListOf, Object, called
from partnergate.language.shape.finding import CodedFinding, Finding
from partnergate.model.agreement import TierBoundary, ZeroUsageFlatFee
from partnergate.model.decimals import ZERO
from partnergate.pricing.models.keys import REFUSED_TIER_BOUNDS, UP_TO, money_key
from partnergate.pricing.models.number_checks import not_negative, problem
from partnergate.pricing.models.price_model import MeteredPrice
from partnergate.pricing.models.steps import Band, step
from partnergate.pricing.models.words import explained_bounds, explained_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.price_model import Values
    from partnergate.pricing.models.steps import Basis, RatedTier
    from partnergate.pricing.models.words import PriceStep

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """``up_to`` is inclusive by default (see ``RatingRules.tier_boundary``); the last tier has none."""

    up_to: Decimal | None
    unit: Decimal = Decimal(0)
    flat: Decimal = Decimal(0)


class TieredPrice(MeteredPrice):
    """A price with tiers, listed from the lowest to the highest."""

    __slots__ = ()

    tiers: tuple[Any, ...]
    """Each tier has ``up_to``."""

    def file_problems(self, path: Path) -> Iterator[CodedFinding]:
        """Yield PG305 if the tiers do not cover every quantity exactly once."""
        at, ends = (*path, "tiers"), tuple(tier.up_to for tier in self.tiers)
        for place, end in enumerate(ends[:-1]):
            if end is None:
                yield problem("PG305", (*at, place), "only the last tier has no up_to", "add up_to")
        if ends and ends[-1] is not None:
            message = f"no tier covers quantities above {ends[-1]}"
            last = (*at, len(ends) - 1, "up_to")
            yield CodedFinding("PG305", Finding(last, message, "the last tier has no up_to", on_key=True))
        for place, (lower, higher) in enumerate(pairwise(ends)):
            if lower is not None and higher is not None and higher <= lower:
                where = (*at, place + 1, "up_to")
                hint = "list tiers from the lowest to the highest"
                yield problem("PG305", where, f"{higher} is not above {lower}", hint)

    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        """Yield what is wrong with the bounds; models add the checks of their rates."""
        at = (*path, "tiers")
        if not self.tiers:
            yield problem("PG305", at, "no tiers", "add at least one")
        for number, tier in enumerate(self.tiers):
            if tier.up_to is not None and tier.up_to <= 0:
                where = (*at, number, "up_to")
                yield problem("PG020", where, f"a tier up to {tier.up_to}", "more than zero")
            yield from self.tier_problems(tier, (*at, number))

    def tier_problems(self, tier: Any, path: Path) -> Iterator[CodedFinding]:
        """Yield what is wrong with the rates of one tier."""
        raise NotImplementedError

    @classmethod
    def explain_step(cls, step: PriceStep) -> str:
        """Return the step after the bounds of its tier."""
        return f"{explained_bounds(step)}{explained_step(step)}"


def tiers_key(item: Object) -> Key:
    """Return the key for a list of tiers."""
    return Key(
        name="tiers", shape=ListOf(item=item, description="From the lowest to the highest"), required=True
    )


UNIT_TIERS = tiers_key(
    Object(
        name="tiers",
        description="A price for a range of quantities",
        keys=(
            UP_TO,
            money_key("unit", "For each unit", default="0"),
            money_key("flat", "Once, when the tier is reached", default="0"),
        ),
        at_least_one=("unit", "flat"),
        refused=(*REFUSED_TIER_BOUNDS, *called("unit", "tiers", "price", "amount")),
    )
)
"""Tiers with a unit price and a flat fee."""


def tiers_of(values: Values, kind: Callable[..., T], *amounts: str) -> tuple[T, ...]:
    """Return the tiers of the checked keys, each with ``up_to`` and the keys in ``amounts``."""
    return tuple(
        kind(up_to=optional_amount(tier, "up_to"), **{name: amount(tier, name) for name in amounts})
        for tier in values["tiers"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTieredPrice(TieredPrice):
    """A price with tiers that have a unit price and a flat fee; its models differ in the steps."""

    tiers: tuple[Tier, ...]

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(tiers=tiers_of(values, Tier, "unit", "flat"))

    def tier_problems(self, tier: Tier, path: Path) -> Iterator[CodedFinding]:
        """Yield what is wrong with the numbers of a tier."""
        yield from not_negative(tier.flat, (*path, "flat"))
        yield from not_negative(tier.unit, (*path, "unit"))


def bands(tiers: Iterable[tuple[Decimal | None, Decimal, Decimal]]) -> tuple[Band, ...]:
    """Return the tiers, given as ``up_to``, rate and flat fee, with both of their bounds."""
    listed = tuple(tiers)
    lowers = (ZERO, *(up_to for up_to, _, _ in listed[:-1] if up_to is not None))
    return tuple(
        Band(lower=lower, upper=up_to, unit=unit, flat=flat)
        for lower, (up_to, unit, flat) in zip(lowers, listed, strict=True)
    )


def inside(band: Band, quantity: Decimal) -> Decimal:
    """Return how much of the quantity lies inside the band."""
    top = quantity if band.upper is None else min(quantity, band.upper)
    return max(ZERO, top - band.lower)


def is_reached(band: Band, quantity: Decimal, rules: RatingRules) -> bool:
    """Whether the quantity has reached the tier, so that its flat fee is due."""
    if quantity == 0:
        return band.lower == 0 and rules.zero_usage_flat_fee is ZeroUsageFlatFee.CHARGED
    if band.lower == 0 or quantity > band.lower:
        return True
    return quantity == band.lower and rules.tier_boundary is TierBoundary.HIGHER


def graduated_steps(
    basis: Basis, tiers: Sequence[Band], quantity: Decimal, rules: RatingRules
) -> tuple[RatedTier, ...]:
    """Return one step for each tier: what lies inside it, and its flat fee if the quantity reached it."""
    return tuple(
        step(basis, band, inside(band, quantity), flat=is_reached(band, quantity, rules)) for band in tiers
    )


def graduated_rules(tiers: Iterable[tuple[Decimal | None, Decimal]], billable: Decimal) -> tuple[str, ...]:
    """Return the rules that decide between tiers, each of which prices what lies inside it.

    A boundary decides only about flat fees: the rest costs the same in either reading.
    """
    listed = tuple(tiers)
    return tier_rules(listed, billable, boundary=any(flat for _, flat in listed))


def tier_rules(
    tiers: Iterable[tuple[Decimal | None, Decimal]], billable: Decimal, *, boundary: bool
) -> tuple[str, ...]:
    """Return the rules that decide between tiers, given as ``up_to`` and flat fee.

    ``boundary``: whether a quantity exactly on a bound costs something else in the other tier.
    """
    listed = tuple(tiers)
    decided = []
    if boundary and any(up_to == billable for up_to, _ in listed):
        decided.append("tier_boundary")
    if listed[0][1] and billable == 0:
        decided.append("zero_usage_flat_fee")
    return tuple(decided)
