"""Whole statements beside a second rating, in fractions, that shares no code with the first.

Prices of four models with included units, discounts and bounds, a flat price, a minimum, tax and a
share, in six zones, from any anchor day, with a change of every price inside the period or none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.agreements import agreement, partner
from fakes.statement_facts import MemoryFacts
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import (
    Agreement,
    Charge,
    Cycle,
    Discount,
    Flat,
    Graduated,
    Package,
    PerUnit,
    RevenueShare,
    Tax,
    Tier,
    UsageMeter,
    Volume,
)
from partnergate.model.days import first_instant
from partnergate.statements.draft import Account, draft, next_period

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = datetime(2028, 6, 1, tzinfo=UTC)
ZONES = (
    "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham", "Africa/Cairo", "America/Santiago",
)  # fmt: skip
SUM = UsageMeter(event="task.run", aggregate="sum", of="quantity")
Tiers = list[tuple[int | None, Fraction, Fraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One version of the terms as the second rating reads them."""

    flat: Fraction
    cost: Callable[[Fraction], Fraction]
    included: int
    percent_off: int
    off: int
    minimum: int | None
    maximum: int | None

    def usage(self, quantity: Fraction, part: Fraction) -> Fraction:
        """What the quantity costs, in cents that are whole."""
        gross = self.cost(max(Fraction(0), quantity - self.included * part))
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


def priced(random: Random) -> tuple[object, Callable[[Fraction], Fraction]]:
    """A price, and the same as a function."""
    edges = sorted(random.sample(range(5, 200), 2))
    tiers: Tiers = [
        (edge, money(random, 400), random.choice([Fraction(0), money(random, 500)]))
        for edge in [*edges, None]
    ]
    told = tuple(
        Tier(up_to=None if up is None else Decimal(up), unit=decimal(unit), flat=decimal(flat))
        for up, unit, flat in tiers
    )
    size, amount = random.randint(3, 40), money(random, 900)
    return random.choice(
        [
            (Graduated(tiers=told), lambda q: graduated(q, tiers)),
            (Volume(tiers=told), lambda q: volume(q, tiers)),
            (PerUnit(unit=told[0].unit), lambda q: q * tiers[0][1]),
            (
                Package(size=Decimal(size), amount=decimal(amount)),
                lambda q: Fraction(math.ceil(q / size)) * amount,
            ),
        ]
    )


def money(random: Random, most: int) -> Fraction:
    return Fraction(random.randint(1, most), 100)


def decimal(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def terms(random: Random, frame: Agreement) -> tuple[Agreement, Plain]:
    """One version, in both readings."""
    price, cost = priced(random)
    plain = Plain(
        flat=money(random, 90_000),
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
    flat = Charge(name="Platform", price=Flat(amount=decimal(plain.flat)))
    return replace(frame, charges=(flat, metered)), plain


def use(number: int, at: datetime, quantity: int) -> UsageEvent:
    return UsageEvent(
        source="host", id=f"u{number}", type="task.run", time=at, subject_kind=SubjectKind.SESSION, subject="s",
        data={"quantity": quantity},
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_statement_is_what_a_second_rating_in_fractions_makes_of_the_same(seed: int) -> None:
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

    facts, used = MemoryFacts(until=LATER), [Fraction(0) for _ in versions]
    start, end = first_instant(first, zone), first_instant(last, zone)
    for number in range(random.randint(0, 25)):
        at, quantity = start + (end - start) * random.random(), random.randint(0, 25)
        facts.usage.append(use(number, at, quantity))
        used[bool(cut < days and at >= first_instant(change, zone))] += quantity
    account = Account(partner=partner(*(v[0] for v in versions)))
    statement = draft(facts, account, next_period(account), now=LATER).statement

    flats = [cents(plain.flat * part) for _, plain, part in versions]
    usage = [plain.usage(q, part) for (_, plain, part), q in zip(versions, used, strict=True)]
    wanted = [*flats, *usage]
    if minimum is not None:
        wanted.append(max(Fraction(0), minimum - sum(wanted)))
    base = sum(usage) if frame.revenue_share.of == "usage" else sum(wanted)
    if frame.tax is not None:
        wanted.append(cents(sum(wanted) * Fraction(19, 100)))
    assert [Fraction(x.amount) for x in statement.lines] == wanted
    assert Fraction(statement.total) == sum(wanted)
    assert Fraction(statement.share_total) == cents(base * percent / 100)
