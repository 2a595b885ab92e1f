"""Whole statements compared with a second rating, in fractions, that shares no code with the first.

Prices of every model with included units, discounts and bounds, a flat price, a minimum, tax and a
share, in six zones, from any anchor day, with a change of every price inside the period or none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.agreements import agreement
from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import (
    Agreement,
    Charge,
    Cycle,
    Discount,
    RevenueShare,
    Tax,
    UsageMeter,
)
from partnergate.model.days import first_instant
from partnergate.pricing.models import MODELS
from partnergate.pricing.models.flat import Flat
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.graduated_percentage import GraduatedPercentage, PercentTier
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.pricing.models.tiered_package import PackageTier, TieredPackage
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.models.volume import Volume
from partnergate.statements.account import Account, next_period
from partnergate.statements.draft import draft

if TYPE_CHECKING:
    from partnergate.model.agreement import Price

LATER = datetime(2028, 6, 1, tzinfo=UTC)
ZONES = (
    "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham", "Africa/Cairo", "America/Santiago",
)  # fmt: skip
SUM = UsageMeter(event="task.run", aggregate="sum", of="quantity")
Tiers = list[tuple[int | None, Fraction, Fraction]]
Cost = Callable[[Fraction, int], Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One version of the terms as the second rating reads them."""

    flat: Cost
    cost: Cost
    included: int
    percent_off: int
    off: int
    minimum: int | None
    maximum: int | None

    def usage(self, quantity: Fraction, events: int, part: Fraction) -> Fraction:
        """What the quantity costs, in whole cents."""
        gross = self.cost(max(Fraction(0), quantity - self.included * part), events)
        net = max(Fraction(0), gross * (100 - self.percent_off) / 100 - self.off * part)
        if self.minimum is not None:
            net = max(net, self.minimum * part)
        if self.maximum is not None:
            net = min(net, self.maximum * part)
        return cents(net)


def cents(amount: Fraction) -> Fraction:
    """Half up, away from nothing."""
    return Fraction(math.floor(abs(amount) * 100 + Fraction(1, 2)), 100) * (-1 if amount < 0 else 1)


def graduated(quantity: Fraction, tiers: Tiers) -> Fraction:
    cost, lower = Fraction(0), Fraction(0)
    for upper, unit, flat in tiers:
        if quantity > lower:
            top = quantity if upper is None else min(quantity, Fraction(upper))
            cost += (top - lower) * unit + flat
        lower = Fraction(upper or 0)
        if upper is None or quantity <= upper:
            break
    return cost


def volume(quantity: Fraction, tiers: Tiers) -> Fraction:
    if not quantity:
        return Fraction(0)
    _, unit, flat = next(t for t in tiers if t[0] is None or quantity <= t[0])
    return quantity * unit + flat


def tiers_of(random: Random) -> Tiers:
    """Two bounds and an open end; a flat fee in about half of the tiers."""
    edges = sorted(random.sample(range(5, 200), 2))
    return [
        (edge, money(random, 400), random.choice([Fraction(0), money(random, 500)]))
        for edge in [*edges, None]
    ]


def unit_tiers(tiers: Tiers) -> tuple[Tier, ...]:
    return tuple(
        Tier(up_to=None if up is None else Decimal(up), unit=decimal(unit), flat=decimal(flat))
        for up, unit, flat in tiers
    )


def flat_price(random: Random) -> tuple[Price, Cost]:
    amount = money(random, 90_000)
    return Flat(amount=decimal(amount)), lambda part, _events: part * amount


def per_unit_price(random: Random) -> tuple[Price, Cost]:
    unit = money(random, 400)
    return PerUnit(unit=decimal(unit)), lambda q, _events: q * unit


def graduated_price(random: Random) -> tuple[Price, Cost]:
    tiers = tiers_of(random)
    return Graduated(tiers=unit_tiers(tiers)), lambda q, _events: graduated(q, tiers)


def volume_price(random: Random) -> tuple[Price, Cost]:
    tiers = tiers_of(random)
    return Volume(tiers=unit_tiers(tiers)), lambda q, _events: volume(q, tiers)


def package_price(random: Random) -> tuple[Price, Cost]:
    size, amount = random.randint(3, 40), money(random, 900)
    price = Package(size=Decimal(size), amount=decimal(amount))
    return price, lambda q, _events: Fraction(math.ceil(q / size)) * amount


def tiered_package_price(random: Random) -> tuple[Price, Cost]:
    """Packages are opened one after the other until the quantity is used up."""
    tiers = [(edge, random.randint(3, 40), amount) for edge, amount, _ in tiers_of(random)]
    package_tiers = tuple(
        PackageTier(up_to=None if up is None else Decimal(up), size=Decimal(size), amount=decimal(amount))
        for up, size, amount in tiers
    )

    def cost(quantity: Fraction, _events: int) -> Fraction:
        total, position, left = Fraction(0), Fraction(0), quantity
        while left > 0:
            end, size, amount = next(t for t in tiers if t[0] is None or position < t[0])
            total += amount
            room = min(Fraction(size), left, end - position if end is not None else left)
            position, left = position + room, left - room
        return total

    return TieredPackage(tiers=package_tiers), cost


def percentage_price(random: Random) -> tuple[Price, Cost]:
    percent, fixed, free = money(random, 9_000), money(random, 90), random.randint(0, 5)
    price = Percentage(percent=decimal(percent), fixed=decimal(fixed), free_events=free)
    return price, lambda q, events: q * percent / 100 + max(0, events - free) * fixed


def graduated_percentage_price(random: Random) -> tuple[Price, Cost]:
    tiers = tiers_of(random)
    percent_tiers = tuple(
        PercentTier(up_to=None if up is None else Decimal(up), percent=decimal(rate), flat=decimal(flat))
        for up, rate, flat in tiers
    )
    hundredths: Tiers = [(up, rate / 100, flat) for up, rate, flat in tiers]
    return GraduatedPercentage(tiers=percent_tiers), lambda q, _events: graduated(q, hundredths)


ORACLES: dict[str, Callable[[Random], tuple[Price, Cost]]] = {
    "flat": flat_price,
    "per_unit": per_unit_price,
    "graduated": graduated_price,
    "volume": volume_price,
    "package": package_price,
    "tiered_package": tiered_package_price,
    "percentage": percentage_price,
    "graduated_percentage": graduated_percentage_price,
}
"""For each model, a random price and its cost as a function of quantity and number of events.

The cost of a fixed price is a function of the part of the period.
"""
METERED = sorted(ORACLES.keys() - {"flat"})


def test_every_price_model_has_an_oracle() -> None:
    assert list(ORACLES) == [model.model for model in MODELS]


def money(random: Random, most: int) -> Fraction:
    return Fraction(random.randint(1, most), 100)


def decimal(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def terms(random: Random, frame: Agreement) -> tuple[Agreement, Plain]:
    """One version, in both readings."""
    fixed, fixed_cost = ORACLES["flat"](random)
    price, cost = ORACLES[random.choice(METERED)](random)
    plain = Plain(
        flat=fixed_cost,
        cost=cost,
        included=random.choice([0, 5, 20]),
        percent_off=random.choice([0, 10, 50, 100]),
        off=random.choice([0, 3, 25]),
        minimum=random.choice([None, 20]),
        maximum=random.choice([None, 60, 300]),
    )
    metered = Charge(
        name="Tasks",
        meter=SUM,
        price=price,
        included=Decimal(plain.included),
        minimum=None if plain.minimum is None else Decimal(plain.minimum),
        maximum=None if plain.maximum is None else Decimal(plain.maximum),
        discount=Discount(percent=Decimal(plain.percent_off), amount=Decimal(plain.off)),
    )
    flat = Charge(name="Platform", price=fixed)
    return replace(frame, charges=(flat, metered)), plain


def use(number: int, at: datetime, quantity: int) -> UsageEvent:
    return UsageEvent(
        source="host", id=f"u{number}", type="task.run", time=at, subject_kind=SubjectKind.SESSION, subject="s",
        data={"quantity": quantity},
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_statement_equals_a_second_rating_in_fractions(seed: int) -> None:
    random = Random(seed)
    zone, anchor, month = random.choice(ZONES), random.randint(1, 28), random.randint(1, 11)
    first, last = date(2026, month, anchor), date(2026, month + 1, anchor)
    days = (last - first).days
    cut = random.randint(1, days - 1) if random.random() < 0.6 else days
    change = first + timedelta(days=cut)
    minimum, percent = random.choice([None, 200, 2000]), random.choice([0, 7, 20, 33])
    frame = agreement(
        effective=first,
        time_zone=zone,
        cycle=Cycle(anchor_day=anchor),
        minimum=None if minimum is None else Decimal(minimum),
        tax=Tax(name="VAT", percent=Decimal(19)) if random.random() < 0.5 else None,
        revenue_share=RevenueShare(partner_percent=Decimal(percent), of=random.choice(["usage", "all"])),
    )
    versions = [(*terms(random, frame), Fraction(cut, days))]
    if cut < days:
        later, plain = terms(random, replace(frame, effective=change, line=70))
        versions = [(replace(versions[0][0], until=change), *versions[0][1:])]
        versions.append((later, plain, Fraction(days - cut, days)))

    facts, used = MemoryFacts(until=LATER), [(Fraction(0), 0) for _ in versions]
    start, end = first_instant(first, zone), first_instant(last, zone)
    for number in range(random.randint(0, 25)):
        at, quantity = start + (end - start) * random.random(), random.randint(0, 25)
        facts.usage.append(use(number, at, quantity))
        side = bool(cut < days and at >= first_instant(change, zone))
        used[side] = (used[side][0] + quantity, used[side][1] + 1)
    account = Account(partner=billed_partner(*(v[0] for v in versions)))
    statement = draft(facts, account, next_period(account), now=LATER).statement

    flats = [cents(plain.flat(part, 0)) for _, plain, part in versions]
    usage = [plain.usage(*seen, part) for (_, plain, part), seen in zip(versions, used, strict=True)]
    wanted = [*flats, *usage]
    if minimum is not None:
        wanted.append(max(Fraction(0), minimum - sum(wanted)))
    base = sum(usage) if frame.revenue_share.of == "usage" else sum(wanted)
    if frame.tax is not None:
        wanted.append(cents(sum(wanted) * Fraction(19, 100)))
    assert [Fraction(x.amount) for x in statement.lines] == wanted
    assert Fraction(statement.total) == sum(wanted)
    assert Fraction(statement.share_total) == cents(base * percent / 100)
