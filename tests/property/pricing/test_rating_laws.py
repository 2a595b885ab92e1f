"""The laws of rating; the number in a name is the number of the rule."""

from __future__ import annotations

import math
import random
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from builders import rating_strategies as draw_from
from partnergate.canonical_json import canonical_json
from partnergate.errors import RatingError
from partnergate.model.agreement import (
    Charge,
    Discount,
    Proration,
    RatingRules,
    RevenueShare,
    Rounding,
    Tax,
    TierBoundary,
    UniquePriceAt,
    ZeroUsageFlatFee,
)
from partnergate.pricing.cumulative import cost, difference, steps
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.measured import Measured
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.models.volume import Volume
from partnergate.pricing.money import allocate, minor_unit, rounded
from partnergate.pricing.plain_values import plain_values
from partnergate.pricing.rate import rate
from partnergate.pricing.rated import LineKind
from partnergate.pricing.timeline import billing_periods

D = Decimal
RULES = RatingRules()
SMALLEST = D("0.000001")


def measured(value, events=0):
    return Measured(value=D(value), events=events)


def one_line(charge, quantity, currency="USD", **more):
    version = draw_from.version(charge, currency=currency, **more)
    period = draw_from.october(version)
    bill = rate([version], [draw_from.used(quantity, period.start, period.end)], period)
    return bill.lines[0]


@given(
    st.lists(draw_from.charges(), min_size=1, max_size=5),
    st.lists(draw_from.quantities, min_size=5, max_size=5),
    draw_from.currencies,
    draw_from.percents,
    st.one_of(st.none(), draw_from.amounts),
)
def test_rule_1_the_total_is_the_sum_of_the_rounded_lines(charges, values, currency, tax, minimum):
    named = [
        Charge(name=f"C{i}", price=c.price, meter=c.meter, included=c.included, discount=c.discount)
        for i, c in enumerate(charges)
    ]
    version = draw_from.version(*named, currency=currency, tax=Tax(name="VAT", percent=tax), minimum=minimum)
    period = draw_from.october(version)
    quantities = [
        draw_from.used(v, period.start, period.end, c.name) for c, v in zip(named, values, strict=False)
    ]
    bill = rate([version], quantities, period)
    assert bill.total == sum(line.amount for line in bill.lines)
    assert bill.total == bill.subtotal + bill.tax
    assert all(line.amount % minor_unit(currency) == 0 for line in bill.lines)


def test_rule_1_three_lines_of_a_third_are_rounded_before_they_are_added():
    charges = [
        Charge(name=f"C{i}", price=PerUnit(unit=D("10.333333")), meter=draw_from.SUM) for i in range(3)
    ]
    version = draw_from.version(*charges)
    period = draw_from.october(version)
    quantities = [draw_from.used(1, period.start, period.end, c.name) for c in charges]
    assert rate([version], quantities, period).total == D("30.99")


@given(draw_from.metered_prices, draw_from.quantities, draw_from.quantities, draw_from.rules)
def test_rule_2_rating_in_parts_is_rating_the_whole(price, first, second, rules):
    included = D(100)
    before = steps(price, measured(first, 3), included, rules)
    after = steps(price, measured(first + second, 7), included, rules)
    added = difference(after, before)
    assert cost(before) + cost(added) == cost(after)
    assert sum(t.quantity for t in before) + sum(t.quantity for t in added) == sum(t.quantity for t in after)


@given(draw_from.charges(bounded=False), st.lists(draw_from.quantities, min_size=2, max_size=4), st.randoms())
def test_rule_2_the_lines_of_a_continued_price_cost_what_one_line_costs(charge, values, chance):
    """A change of something else (here the tax) splits the line, but not the tiers."""
    days = sorted(chance.sample(range(2, 31), len(values) - 1))
    edges = [date(2026, 10, 1), *(date(2026, 10, day) for day in days)]
    versions = [
        draw_from.version(charge, effective=start, until=end, tax=Tax(name="VAT", percent=D(number)))
        for number, (start, end) in enumerate(zip(edges, [*edges[1:], None], strict=True))
    ]
    period = draw_from.october(versions[0])
    spans = [(s.start, s.end) for s in billing_periods(versions, period.start, period.end)[0].segments]
    parts = [draw_from.used(v, *span) for v, span in zip(values, spans, strict=True)]
    cut = rate(versions, parts, period)
    whole = one_line(charge, sum(values))
    lines = [line for line in cut.lines if line.kind is LineKind.USAGE]
    assert len(lines) == len(values)
    assert abs(sum(line.exact for line in lines) - whole.exact) <= D("1e-20")
    assert sum(line.quantity for line in lines) == whole.quantity


@given(draw_from.tiers(flats=False), draw_from.quantities, draw_from.quantities)
def test_rule_3_graduated_cost_is_continuous_and_does_not_decrease(tiers, one, other):
    low, high = sorted([one, other])
    price = Graduated(tiers=tiers)
    rise = cost(steps(price, measured(high), D(0), RULES)) - cost(steps(price, measured(low), D(0), RULES))
    assert 0 <= rise <= (high - low) * max(tier.unit for tier in tiers)


def test_rule_3_volume_cost_may_decrease_at_a_boundary():
    price = Volume(tiers=(Tier(up_to=D(10), unit=D(10)), Tier(up_to=None, unit=D(1))))
    assert cost(steps(price, measured(11), D(0), RULES)) < cost(steps(price, measured(10), D(0), RULES))


@given(st.integers(1, 5000), draw_from.prices, draw_from.quantities)
def test_rule_3_package_cost_is_a_step_function_that_starts_at_zero(size, amount, quantity):
    price = Package(size=D(size), amount=amount)
    packages = math.ceil(quantity / size)
    assert cost(steps(price, measured(quantity), D(0), RULES)) == packages * amount
    assert cost(steps(price, measured(0), D(0), RULES)) == 0


@given(draw_from.tiers(), st.sampled_from([D(0), D(1), -D(1), SMALLEST, -SMALLEST]), st.data())
def test_rule_4_a_boundary_belongs_to_the_tier_of_the_rule(tiers, offset, data):
    assume(len(tiers) > 1)
    index = data.draw(st.integers(0, len(tiers) - 2))
    quantity = tiers[index].up_to + offset
    assume(quantity > 0)
    for rule in TierBoundary:
        rules = RatingRules(tier_boundary=rule)
        expected = next(
            i
            for i, tier in enumerate(tiers)
            if tier.up_to is None
            or quantity < tier.up_to
            or (quantity == tier.up_to and rule is TierBoundary.LOWER)
        )
        volume = cost(steps(Volume(tiers=tiers), measured(quantity), D(0), rules))
        assert volume == quantity * tiers[expected].unit + tiers[expected].flat
        graduated = steps(Graduated(tiers=tiers), measured(quantity), D(0), rules)
        assert sum(t.flat for t in graduated) == sum(t.flat for t in tiers[: expected + 1])
        assert sum(t.quantity for t in graduated) == quantity


@given(draw_from.tiers(), st.sampled_from([Graduated, Volume]))
def test_zero_usage_pays_the_first_flat_fee_only_if_the_rule_is_charged(tiers, model):
    price = model(tiers=tiers)
    free = RatingRules(zero_usage_flat_fee=ZeroUsageFlatFee.FREE)
    charged = RatingRules(zero_usage_flat_fee=ZeroUsageFlatFee.CHARGED)
    assert cost(steps(price, measured(0), D(0), free)) == 0
    assert cost(steps(price, measured(0), D(0), charged)) == tiers[0].flat


@given(
    st.lists(st.integers(0, 50_000), max_size=12),
    st.integers(0, 60_000),
    st.integers(0, 5),
    st.sampled_from([None, D("0.75"), D(3)]),
    st.sampled_from([None, D(4), D("40.5")]),
)
def test_bounded_fees_are_the_sum_of_the_fees_of_each_event(values, included, free_events, low, high):
    """Compared with a second calculation in fractions: free amount and free events first, then the bounds."""
    assume(low is not None or high is not None)
    price = Percentage(
        percent=D("1.5"), fixed=D("0.25"), free_events=free_events, event_minimum=low, event_maximum=high
    )
    given_values = tuple(map(D, values))
    seen = Measured(value=sum(given_values, D(0)), events=len(values), event_values=given_values)
    wanted, left = Fraction(0), included
    for number, value in enumerate(values):
        free = min(left, value)
        left -= free
        costs_fixed = number >= free_events
        if value > free or costs_fixed:
            fee = Fraction(value - free) * 15 / 1000 + (Fraction(1, 4) if costs_fixed else 0)
            fee = max(fee, Fraction(low)) if low is not None else fee
            wanted += min(fee, Fraction(high)) if high is not None else fee
    assert Fraction(cost(steps(price, seen, D(included), RULES))) == wanted


@given(
    st.lists(draw_from.charges(), min_size=1, max_size=4),
    st.lists(draw_from.quantities, min_size=4, max_size=4),
    st.randoms(),
)
def test_rule_12_the_same_inputs_in_any_order_give_the_same_bytes(charges, values, chance):
    named = [Charge(name=f"C{i}", price=c.price, meter=c.meter) for i, c in enumerate(charges)]
    version = draw_from.version(*named)
    other = draw_from.version(*named, effective=date(2025, 1, 1), until=date(2025, 2, 1))
    period = draw_from.october(version)
    quantities = [
        draw_from.used(v, period.start, period.end, c.name) for c, v in zip(named, values, strict=False)
    ]
    first = canonical_json(plain_values(rate([version, other], quantities, period)))
    chance.shuffle(quantities)
    assert canonical_json(plain_values(rate([other, version], quantities, period))) == first


@given(draw_from.charges(), draw_from.charges(), draw_from.quantities)
def test_rule_12_a_version_that_is_not_in_force_changes_nothing(charge, other, value):
    version = draw_from.version(charge, until=date(2026, 11, 1))
    later = draw_from.version(other, effective=date(2026, 11, 1))
    earlier = draw_from.version(other, effective=date(2026, 1, 1), until=date(2026, 10, 1))
    period = draw_from.october(version)
    quantities = [draw_from.used(value, period.start, period.end)]
    alone = canonical_json(plain_values(rate([version], quantities, period)))
    assert canonical_json(plain_values(rate([version, later, earlier], quantities, period))) == alone


@given(draw_from.prices, draw_from.prices, draw_from.quantities, draw_from.quantities, st.integers(2, 31))
def test_rule_13_quantities_on_each_side_of_a_price_change_pay_their_own_price(old, new, first, second, day):
    assume(old != new)
    change = date(2026, 10, day)
    before = draw_from.version(
        Charge(name="Tasks", price=PerUnit(unit=old), meter=draw_from.SUM), until=change
    )
    after = draw_from.version(
        Charge(name="Tasks", price=PerUnit(unit=new), meter=draw_from.SUM), effective=change
    )
    period = draw_from.october(before)
    cut = billing_periods([before, after], period.start, period.end)[0].segments[1].start
    bill = rate(
        [before, after],
        [draw_from.used(first, period.start, cut), draw_from.used(second, cut, period.end)],
        period,
    )
    assert [line.exact for line in bill.lines] == [first * old, second * new]
    assert sum(line.quantity for line in bill.lines) == first + second
    with pytest.raises(RatingError, match="spans a change"):
        rate([before, after], [draw_from.used(first, period.start, period.end)], period)


@given(draw_from.prices, draw_from.prices, st.integers(0, 500), st.integers(0, 500))
def test_rule_13_uniques_across_a_price_change_pay_by_the_rule(old, new, first, second):
    assume(old != new)
    for rule in UniquePriceAt:
        rules = RatingRules(unique_price_at=rule)
        change = date(2026, 10, 12)
        charge = [Charge(name="Users", price=PerUnit(unit=p), meter=draw_from.UNIQUE) for p in (old, new)]
        before = draw_from.version(charge[0], until=change, rules=rules)
        after = draw_from.version(charge[1], effective=change, rules=rules)
        period = draw_from.october(before)
        cut = billing_periods([before, after], period.start, period.end)[0].segments[1].start
        parts = [
            draw_from.used(first, period.start, cut, "Users"),
            draw_from.used(second, cut, period.end, "Users"),
        ]
        bill = rate([before, after], parts, period)
        by_first = rule is UniquePriceAt.FIRST_ACTIVITY
        assert sum(line.exact for line in bill.lines) == first * old + second * (new if by_first else old)


@given(draw_from.charges(), draw_from.quantities, draw_from.amounts, draw_from.currencies)
def test_rule_14_the_true_up_fills_the_lines_to_the_minimum_and_is_never_negative(
    charge, value, minimum, currency
):
    version = draw_from.version(charge, minimum=minimum, currency=currency)
    period = draw_from.october(version)
    bill = rate([version], [draw_from.used(value, period.start, period.end)], period)
    true_up = [line for line in bill.lines if line.kind is LineKind.TRUE_UP]
    reached = sum(line.amount for line in bill.lines if line.kind is not LineKind.TRUE_UP)
    assert len(true_up) == 1
    assert true_up[0].amount >= 0
    assert bill.total == max(reached, rounded(minimum, currency, Rounding.HALF_UP))


@given(draw_from.amounts, st.integers(2, 31))
def test_rule_14_a_period_with_two_versions_has_one_minimum(minimum, day):
    change = date(2026, 10, day)
    before = draw_from.version(draw_from.flat_charge(1), until=change, minimum=minimum)
    after = draw_from.version(draw_from.flat_charge(2), effective=change, minimum=minimum)
    bill = rate([before, after], [], draw_from.october(before))
    true_up = [line for line in bill.lines if line.kind is LineKind.TRUE_UP]
    assert len(true_up) == 1
    assert bill.total == max(
        rounded(minimum, "USD", Rounding.HALF_UP), sum(line.amount for line in bill.lines[:2])
    )


@given(draw_from.charges(), draw_from.quantities, draw_from.currencies)
def test_rule_15_a_line_stays_between_its_minimum_and_maximum_and_is_never_negative(charge, value, currency):
    line = one_line(charge, value, currency)
    assert line.exact >= 0
    if charge.minimum is not None and charge.maximum is None:
        assert line.exact >= charge.minimum
    if charge.maximum is not None:
        assert line.exact <= charge.maximum
    if line.discount is not None:
        assert 0 <= line.discount.taken <= line.gross


@given(draw_from.metered_prices, draw_from.quantities, draw_from.amounts)
def test_rule_15_a_full_discount_leaves_zero_and_still_lists_the_quantity(price, value, amount):
    charge = Charge(
        name="Tasks", price=price, meter=draw_from.SUM, discount=Discount(percent=D(100), amount=amount)
    )
    line = one_line(charge, value)
    assert (line.exact, line.amount, line.quantity) == (0, 0, value)


def test_rule_15_the_percentage_comes_before_the_amount_and_both_before_the_minimum():
    charge = Charge(
        name="Tasks",
        price=PerUnit(unit=D(1)),
        meter=draw_from.SUM,
        discount=Discount(percent=D(50), amount=D(10)),
        minimum=D(45),
    )
    assert one_line(charge, 100).exact == 45
    assert one_line(charge, 200).exact == 90


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.decimals(min_value=0, max_value=1000, places=5), min_size=1, max_size=12),
    draw_from.currencies,
)
def test_rule_16_an_allocation_sums_to_the_whole_and_is_symmetric_in_sign(units, weights, currency):
    unit = minor_unit(currency)
    total = units * unit
    shares = allocate(total, weights, currency)
    assert sum(shares) == total
    everything = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        fair = total * weight / everything if everything else total / len(weights)
        assert abs(share - fair) < unit + D("1e-12")
        assert share % unit == 0
    assert [-share for share in allocate(-total, weights, currency)] == list(shares)


@given(
    draw_from.charges(), draw_from.quantities, draw_from.percents, st.sampled_from(["usage", "all", "Tasks"])
)
def test_rule_16_a_revenue_share_splits_its_lines_to_the_last_cent(charge, value, percent, of):
    version = draw_from.version(
        charge, draw_from.flat_charge("99.99"), revenue_share=RevenueShare(partner_percent=percent, of=of)
    )
    period = draw_from.october(version)
    bill = rate([version], [draw_from.used(value, period.start, period.end)], period)
    (share,) = bill.shares
    assert share.partner + share.host == share.base
    assert sum(line.partner for line in share.lines) == share.partner == bill.share_total
    assert share.base == sum(line.base for line in share.lines)
    assert bill.total == sum(line.amount for line in bill.lines)


@given(draw_from.charges(), draw_from.quantities, draw_from.quantities, draw_from.currencies)
def test_rule_17_a_credit_plus_the_original_equals_the_rerated_amount(charge, original, again, currency):
    """Lines are rounded once each, so the difference of two bills is whole minor units."""
    first, second = one_line(charge, original, currency), one_line(charge, again, currency)
    correction = second.amount - first.amount
    assert first.amount + correction == second.amount
    assert correction >= -first.amount
    assert correction % minor_unit(currency) == 0


@given(draw_from.currencies, st.decimals(min_value=-(10**6), max_value=10**6, places=8))
def test_rule_18_money_has_the_decimals_of_its_currency_and_is_rounded_by_half_a_unit_at_most(
    currency, amount
):
    for rule in Rounding:
        money = rounded(amount, currency, rule)
        assert money % minor_unit(currency) == 0
        assert abs(money - amount) <= minor_unit(currency) / 2
        assert rounded(-amount, currency, rule) == -money


def test_rule_18_two_currencies_are_never_on_one_bill():
    change = date(2026, 10, 15)
    before = draw_from.version(draw_from.flat_charge(1), until=change)
    after = draw_from.version(draw_from.flat_charge(1), effective=change, currency="EUR")
    with pytest.raises(RatingError, match="currency"):
        rate([before, after], [], draw_from.october(before))
    found = billing_periods([before, after], draw_from.october(before).start, draw_from.october(before).end)
    bills = [rate([s.version for s in one.segments], [], one.period) for one in found]
    assert [(bill.currency, bill.total) for bill in bills] == [("USD", D("0.45")), ("EUR", D("0.55"))]


@given(draw_from.amounts, st.integers(2, 31), st.sampled_from([Proration.DAY, Proration.SECOND]))
def test_the_parts_of_a_flat_amount_are_the_whole(amount, day, rule):
    change = date(2026, 10, day)
    rules = RatingRules(proration=rule)
    before = draw_from.version(draw_from.flat_charge(amount), until=change, rules=rules)
    after = draw_from.version(draw_from.flat_charge(amount + 1), effective=change, rules=rules)
    bill = rate([before, after], [], draw_from.october(before))
    shares = [
        line.exact / price for line, price in zip(bill.lines, (amount, amount + 1), strict=True) if price
    ]
    if len(shares) == 2:
        assert abs(sum(shares) - 1) < D("1e-12")
    again = rate(
        [before, draw_from.version(draw_from.flat_charge(amount), effective=change, rules=rules)],
        [],
        draw_from.october(before),
    )
    assert [line.exact for line in again.lines] == [amount]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.integers(0, 2**32))
def test_rule_9_quantities_in_any_batches_and_any_order_give_the_same_amount(values, seed):
    version = draw_from.version(
        Charge(name="Tasks", price=Package(size=D(7), amount=D("1.11")), meter=draw_from.SUM, included=D(3))
    )
    period = draw_from.october(version)
    batches = [draw_from.used(v, period.start, period.end) for v in values]
    random.Random(seed).shuffle(batches)
    whole = [draw_from.used(sum(values), period.start, period.end)]
    assert rate([version], batches, period).total == rate([version], whole, period).total
