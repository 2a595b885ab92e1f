"""Agreements and quantities to draw from, for the laws of rating."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from partnergate.metering.usage import Quantity
from partnergate.model.agreement import (
    ActiveUsersMeter,
    Agreement,
    Charge,
    Cycle,
    Discount,
    RatingRules,
    TierBoundary,
    UsageMeter,
    ZeroUsageFlatFee,
)
from partnergate.pricing.models.flat import Flat
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.graduated_percentage import GraduatedPercentage, PercentTier
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.pricing.models.tiered_package import PackageTier, TieredPackage
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.models.volume import Volume
from partnergate.pricing.periods import period_containing
from partnergate.pricing.rated import AgreementVersion

SUM = UsageMeter(event="task.run", aggregate="sum", of="quantity")
UNIQUE = ActiveUsersMeter()
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)

amounts = st.decimals(min_value=0, max_value=10_000, places=4)
prices = st.decimals(min_value=0, max_value=100, places=6)
quantities = st.decimals(min_value=0, max_value=100_000, places=3)
percents = st.decimals(min_value=0, max_value=100, places=2)
currencies = st.sampled_from(["JPY", "USD", "EUR", "KWD"])


@st.composite
def bounds(draw):
    uppers = draw(st.lists(st.integers(1, 50_000), min_size=0, max_size=4, unique=True).map(sorted))
    return [*map(Decimal, uppers), None]


@st.composite
def tiers(draw, *, flats=True):
    return tuple(
        Tier(up_to=up, unit=draw(prices), flat=draw(prices) if flats else Decimal(0)) for up in draw(bounds())
    )


@st.composite
def percent_tiers(draw):
    return tuple(PercentTier(up_to=up, percent=draw(percents), flat=draw(prices)) for up in draw(bounds()))


@st.composite
def package_tiers(draw):
    sizes = st.integers(1, 5000).map(Decimal)
    return tuple(PackageTier(up_to=up, size=draw(sizes), amount=draw(prices)) for up in draw(bounds()))


BY_MODEL = {
    "per_unit": prices.map(lambda unit: PerUnit(unit=unit)),
    "graduated": tiers().map(lambda found: Graduated(tiers=found)),
    "volume": tiers().map(lambda found: Volume(tiers=found)),
    "package": st.builds(Package, size=st.integers(1, 5000).map(Decimal), amount=prices),
    "tiered_package": package_tiers().map(lambda found: TieredPackage(tiers=found)),
    "percentage": st.builds(Percentage, percent=percents, fixed=prices, free_events=st.integers(0, 5)),
    "graduated_percentage": percent_tiers().map(lambda found: GraduatedPercentage(tiers=found)),
}
"""A strategy for the prices of each metered model."""
metered_prices = st.one_of(*BY_MODEL.values())
rules = st.builds(
    RatingRules,
    tier_boundary=st.sampled_from(TierBoundary),
    zero_usage_flat_fee=st.sampled_from(ZeroUsageFlatFee),
)


@st.composite
def charges(draw, name="Tasks", price=metered_prices, *, bounded=True):
    low, high = sorted([draw(amounts), draw(amounts)])
    return Charge(
        name=name,
        price=draw(price),
        meter=SUM,
        included=draw(st.sampled_from([Decimal(0), Decimal(10), Decimal("1234.5")])),
        minimum=draw(st.sampled_from([None, low])) if bounded else None,
        maximum=draw(st.sampled_from([None, high])) if bounded else None,
        discount=draw(st.one_of(st.none(), st.builds(Discount, percent=percents, amount=amounts)))
        if bounded
        else None,
    )


def agreement(*charges, effective=date(2026, 10, 1), until=None, currency="USD", **more):
    more.setdefault("cycle", Cycle())
    more.setdefault("time_zone", "Europe/Berlin")
    return Agreement(effective=effective, until=until, currency=currency, charges=charges, **more)


def version(*charges, commit="c0ffee", **more):
    return AgreementVersion(agreement=agreement(*charges, **more), commit=commit, file="partners/acme.yaml")


def flat_charge(amount, name="Platform", **more):
    return Charge(name=name, price=Flat(amount=Decimal(amount), **more))


def october(one):
    return period_containing(one.agreement.cycle, one.agreement.time_zone, OCTOBER)


def used(value, start, end, name="Tasks", **more):
    return Quantity(meter=name, start=start, end=end, value=Decimal(value), **more)
