"""What single lines are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from partnergate.errors import RatingError
from partnergate.metering.usage import FactSet, Quantity
from partnergate.model.agreement import (
    Agreement,
    Charge,
    Cycle,
    DimensionPrice,
    Proration,
    RatingRules,
    RevenueShare,
    Tax,
    UsageMeter,
)
from partnergate.pricing.models.flat import Flat, FlatTiming
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.periods import period_containing
from partnergate.pricing.rate import rate, split_instants
from partnergate.pricing.rated import AgreementVersion, LineKind
from partnergate.pricing.timeline import fraction_of

D = Decimal
SUM = UsageMeter(event="task.run", aggregate="sum", of="quantity")


def version(*charges, effective=date(2026, 10, 1), until=None, currency="USD", commit="c1", line=7, **more):
    terms = Agreement(
        effective=effective,
        until=until,
        currency=currency,
        time_zone="UTC",
        cycle=Cycle(),
        charges=charges,
        line=line,
        **more,
    )
    return AgreementVersion(agreement=terms, commit=commit, file="partners/acme.yaml")


OCTOBER = period_containing(Cycle(), "UTC", datetime(2026, 10, 5, tzinfo=UTC))


def day(number):
    return datetime(2026, 10, number, tzinfo=UTC)


def used(value, name="Tasks", start=OCTOBER.start, end=OCTOBER.end, **more):
    return Quantity(meter=name, start=start, end=end, value=D(value), **more)


def tasks(price, **more):
    return Charge(name="Tasks", price=price, meter=more.pop("meter", SUM), **more)


def flat(amount, name="Platform", timing=FlatTiming.ARREARS):
    return Charge(name=name, price=Flat(amount=D(amount), timing=timing))


def amounts(bill):
    return [(line.name, str(line.amount)) for line in bill.lines]


def fees(price, values, included=0):
    charge = tasks(price, included=D(included))
    quantity = used(sum(values), events=len(values), event_values=tuple(map(D, values)))
    return rate([version(charge)], [quantity], OCTOBER).lines[0].exact


def test_a_percentage_takes_its_fixed_fee_for_each_event_after_the_free_ones():
    price = Percentage(percent=D("1.2"), fixed=D("0.10"), free_events=3)
    assert fees(price, [100, 100, 100, 100, 100]) == D(6) + D("0.20")


def test_a_percentage_keeps_each_event_between_its_minimum_and_maximum():
    price = Percentage(percent=D(1), event_minimum=D(1), event_maximum=D(100))
    assert fees(price, [50, 5_000, 50_000]) == D(1) + D(50) + D(100)


def test_included_events_remain_free_despite_a_minimum():
    price = Percentage(percent=D(1), fixed=D("0.5"), free_events=2, event_minimum=D(2))
    assert fees(price, [100, 100, 100], included=150) == D(0) + D(2) + D(2)


def test_bounded_fees_leave_out_the_fixed_fee_of_exactly_the_free_events():
    price = Percentage(percent=D(1), fixed=D("0.5"), free_events=2, event_maximum=D(100))
    assert fees(price, [100, 100, 100]) == D(1) + D(1) + D("1.5")


def test_bounded_fees_are_explained_by_the_effect_of_the_bounds():
    """Zero events at zero plus a negative amount is correct arithmetic, but no explanation."""
    price = Percentage(percent=D(1), event_minimum=D(1), event_maximum=D(100))
    charge = tasks(price)
    values = (D(50), D(5_000), D(50_000))
    quantity = used(sum(values), events=3, event_values=values)
    assert rate([version(charge)], [quantity], OCTOBER).explanation == (
        "Tasks: 55050 measured",
        "  1 % of 55050 = 550.5",
        "  each event kept to its minimum and maximum: -399.5",
        "  = 151, billed 151.00 USD",
        "Total: 151.00 USD, the sum of 1 rounded line",
    )


def test_a_minimum_that_changes_in_the_period_is_rounded_once_and_not_version_by_version():
    """15/31 of 100 is 48.39 and 16/31 of 50 is 25.81, and both together are 74.19."""
    old = version(flat("1"), until=date(2026, 10, 16), minimum=D(100))
    new = version(flat("1"), effective=date(2026, 10, 16), minimum=D(50))
    assert rate([old, new], [], OCTOBER).total == D("74.19")


def test_proration_by_second_counts_fractions_of_a_second():
    """A suspension begins at any instant, so the parts of a second must add up."""
    half = timedelta(milliseconds=1500)
    share = fraction_of(OCTOBER, ((OCTOBER.start, OCTOBER.start + half),), Proration.SECOND, "UTC")
    assert Fraction(share.numerator, share.denominator) == Fraction(3, 2 * 31 * 86_400)


def test_suspensions_are_not_billed():
    charged = version(flat("31"), minimum=D(62))
    bill = rate([charged], [], OCTOBER, pauses=[(day(3), day(5)), (day(10), day(14)), (day(30), day(31))])
    assert [line.amount for line in bill.lines] == [D(2), D(5), D(16), D(1), D(24)]
    assert bill.total == D(48)


def test_a_minimum_for_each_event_needs_the_value_of_each_event():
    charge = tasks(Percentage(percent=D(1), event_minimum=D(1)))
    with pytest.raises(RatingError, match="amount of every event"):
        rate([version(charge)], [used(100, events=2)], OCTOBER)


def test_dimensions_have_their_own_prices_and_the_first_that_matches_is_used():
    charge = tasks(
        PerUnit(unit=D(1)),
        by_dimension=(
            DimensionPrice(where=(("region", "eu"),), price=PerUnit(unit=D(2))),
            DimensionPrice(where=(("region", "eu"), ("size", "l")), price=PerUnit(unit=D(9))),
        ),
    )
    quantities = [
        used(10, dimensions=(("region", "eu"), ("size", "l"))),
        used(5, dimensions=(("region", "us"),)),
        used(1),
    ]
    (line,) = rate([version(charge)], quantities, OCTOBER).lines
    assert [(c.where, c.amount) for c in line.components] == [
        ((("region", "eu"),), 20),
        ((("region", "eu"), ("size", "l")), 0),
        ((), 6),
    ]
    assert (line.exact, line.quantity, line.unit) == (26, 16, None)


def test_included_units_go_to_the_prices_of_dimensions_first():
    charge = tasks(
        PerUnit(unit=D(1)),
        included=D(4),
        by_dimension=(DimensionPrice(where=(("region", "eu"),), price=PerUnit(unit=D(2))),),
    )
    quantities = [used(3, dimensions=(("region", "eu"),)), used(3)]
    (line,) = rate([version(charge)], quantities, OCTOBER).lines
    assert [c.included for c in line.components] == [3, 1]
    assert line.exact == 2


@pytest.mark.parametrize(
    ("aggregate", "first", "second", "expected"),
    [
        ("max", used(7, end=day(11), events=1), used(5, start=day(11), events=1), [7 * 1, 0]),
        ("max", used(5, end=day(11), events=1), used(7, start=day(11), events=1), [0, 7 * 2]),
        ("max", used(7, end=day(11), events=1), used(7, start=day(11), events=1), [7 * 1, 0]),
        ("min", used(7, end=day(11), events=1), used(5, start=day(11), events=1), [0, 5 * 2]),
        ("min", used(5, end=day(11), events=1), used(7, start=day(11), events=1), [5 * 1, 0]),
        ("min", used(5, end=day(11), events=1), used(5, start=day(11), events=1), [5 * 1, 0]),
        ("min", used(0, end=day(11), events=0), used(5, start=day(11), events=1), [0, 5 * 2]),
        ("min", used(5, end=day(11), events=1), used(0, start=day(11), events=0), [5 * 1, 0]),
        ("min", used(5, end=day(11), events=1), used(0, start=day(11), events=1), [0, 0]),
        ("last", used(7, end=day(11), events=1), used(5, start=day(11), events=1), [0, 5 * 2]),
        ("last", used(7, end=day(11), events=1), used(0, start=day(11), events=0), [7 * 1, 0]),
    ],
)
def test_one_value_of_the_period_pays_the_price_in_force_when_it_was_reached(
    aggregate, first, second, expected
):
    meter = UsageMeter(event="seats", aggregate=aggregate, of="seats")
    old = version(tasks(PerUnit(unit=D(1)), meter=meter), until=date(2026, 10, 11))
    new = version(tasks(PerUnit(unit=D(2)), meter=meter), effective=date(2026, 10, 11))
    assert [line.exact for line in rate([old, new], [first, second], OCTOBER).lines] == expected


def test_included_units_and_bounds_are_prorated_and_tiers_are_not():
    charge = tasks(
        Graduated(tiers=(Tier(up_to=D(100), unit=D(1)), Tier(up_to=None, unit=D(2)))),
        included=D(31),
        minimum=D(310),
    )
    terms = version(charge, effective=date(2026, 10, 22))
    (line,) = rate([terms], [used(110, start=day(22))], OCTOBER).lines
    assert line.included == 10
    assert [tier.quantity for tier in line.components[0].tiers] == [100, 0]
    assert (line.minimum, line.exact) == (None, 100)
    (short,) = rate([terms], [used(0, start=day(22))], OCTOBER).lines
    assert short.minimum == 100
    assert (short.fraction.numerator, short.fraction.denominator) == (10, 31)


def test_a_half_that_proration_makes_is_rounded_as_a_half():
    """10/31 of 7.7655 is 2.505; no number of decimals of 10/31 says so."""
    charge = tasks(PerUnit(unit=D("7.7655")), included=D(1))
    bill = rate([version(charge, until=date(2026, 10, 22))], [used(1, end=day(22))], OCTOBER)
    assert amounts(bill) == [("Tasks", "2.51")]


def test_nothing_is_billed_after_a_suspension():
    bill = rate([version(flat(310))], [], OCTOBER, until=day(11))
    assert (amounts(bill), bill.end) == ([("Platform", "100.00")], day(11))


@pytest.mark.parametrize(
    ("rule", "until", "amount"),
    [
        (Proration.DAY, day(11) + timedelta(hours=12), "110.00"),
        (Proration.SECOND, day(11) + timedelta(hours=12), "105.00"),
        (Proration.NONE, day(11) + timedelta(hours=12), "310.00"),
    ],
)
def test_a_started_day_counts_fully_by_day_and_partly_by_second_and_the_whole_period_by_none(
    rule, until, amount
):
    bill = rate([version(flat(310), rules=RatingRules(proration=rule))], [], OCTOBER, until=until)
    assert amounts(bill) == [("Platform", amount)]


@pytest.mark.parametrize(("timing", "amount"), [(FlatTiming.ADVANCE, "10.00"), (FlatTiming.ARREARS, "20.00")])
def test_without_proration_the_first_price_is_due_in_advance_and_the_last_in_arrears(timing, amount):
    rules = RatingRules(proration=Proration.NONE)
    old = version(flat(10, timing=timing), until=date(2026, 10, 11), rules=rules)
    new = version(flat(20, timing=timing), effective=date(2026, 10, 11), rules=rules, commit="c2")
    (line,) = rate([old, new], [], OCTOBER).lines
    assert str(line.amount) == amount
    assert line.due == (OCTOBER.start if timing is FlatTiming.ADVANCE else OCTOBER.end)
    assert len(line.versions) == 1


def test_a_price_that_is_due_once_is_due_in_the_first_period_alone_and_not_prorated():
    first = version(
        flat(500, "Setup", FlatTiming.ONCE), effective=date(2026, 10, 20), until=date(2026, 12, 1)
    )
    later = version(flat(700, "Setup", FlatTiming.ONCE), effective=date(2026, 12, 1))
    november = period_containing(Cycle(), "UTC", datetime(2026, 11, 5, tzinfo=UTC))
    december = period_containing(Cycle(), "UTC", datetime(2026, 12, 5, tzinfo=UTC))
    assert amounts(rate([first, later], [], OCTOBER)) == [("Setup", "500.00")]
    assert amounts(rate([first, later], [], november)) == []
    assert amounts(rate([first, later], [], december)) == []


def test_the_minimum_is_prorated_and_each_version_counts_for_its_days():
    late = version(flat(0), minimum=D(310), effective=date(2026, 10, 22))
    assert rate([late], [], OCTOBER).total == D("100.00")
    old = version(flat(0), minimum=D(310), until=date(2026, 10, 11))
    new = version(flat(0), minimum=D(620), effective=date(2026, 10, 11))
    assert rate([old, new], [], OCTOBER).total == D("520.00")


def test_tax_is_taken_on_rounded_lines_and_not_on_exact_ones():
    charge = tasks(PerUnit(unit=D("0.005")))
    bill = rate([version(charge, tax=Tax(name="VAT", percent=D(50)))], [used(1)], OCTOBER)
    assert amounts(bill) == [("Tasks", "0.01"), ("VAT", "0.01")]


def test_a_price_that_is_due_once_does_not_count_towards_the_minimum():
    bill = rate([version(flat(500, "Setup", FlatTiming.ONCE), flat(30), minimum=D(100))], [], OCTOBER)
    assert amounts(bill) == [("Setup", "500.00"), ("Platform", "30.00"), ("Minimum commitment", "70.00")]


def test_a_line_names_every_version_with_the_same_charge():
    charge = tasks(PerUnit(unit=D(1)))
    old = version(charge, until=date(2026, 10, 11), commit="c1", line=7)
    new = version(charge, flat(10), effective=date(2026, 10, 11), commit="c2", line=30)
    bill = rate([old, new], [used(1, end=day(11)), used(2, start=day(11))], OCTOBER)
    line = next(line for line in bill.lines if line.name == "Tasks")
    assert [(v.effective, v.commit, v.line) for v in line.versions] == [
        (date(2026, 10, 1), "c1", 7),
        (date(2026, 10, 11), "c2", 30),
    ]
    assert (line.version.file, line.quantity) == ("partners/acme.yaml", 3)
    assert split_instants([old, new], OCTOBER) == (OCTOBER.start, day(11), OCTOBER.end)


def test_one_quantity_has_its_own_facts_and_several_share_one_set():
    one, two = FactSet(count=2, sha256="aa" * 32), FactSet(count=3, sha256="bb" * 32)
    none = FactSet(count=0, sha256="00" * 32)
    terms = version(tasks(PerUnit(unit=D(1))))
    assert rate([terms], [used(1, facts=one), used(0, facts=none)], OCTOBER).lines[0].facts == one
    both = rate([terms], [used(1, facts=one), used(1, facts=two)], OCTOBER).lines[0].facts
    assert both.count == 5
    assert both == rate([terms], [used(1, facts=two), used(1, facts=one)], OCTOBER).lines[0].facts
    assert rate([terms], [], OCTOBER).lines[0].facts is None


def test_tax_is_taken_on_the_total_of_the_rounded_lines_and_not_line_by_line():
    charges = [flat("33.33", f"C{number}") for number in range(3)]
    bill = rate([version(*charges, tax=Tax(name="VAT", percent=D("7.7")))], [], OCTOBER)
    assert bill.tax == D("7.70")
    assert sum((D("33.33") * D("0.077")).quantize(D("0.01")) for _ in range(3)) == D("7.71")


def test_revenue_share_is_a_separate_section():
    share = RevenueShare(partner_percent=D(20), of="usage")
    charges = (
        flat(100),
        tasks(PerUnit(unit=D("0.01"))),
        Charge(name="Two", price=PerUnit(unit=D(1)), meter=SUM),
    )
    bill = rate([version(*charges, revenue_share=share)], [used(333), used(7, "Two")], OCTOBER)
    (section,) = bill.shares
    assert (bill.total, section.base, section.partner, section.host) == (
        D("110.33"),
        D("10.33"),
        D("2.07"),
        D("8.26"),
    )
    assert [(line.name, line.partner) for line in section.lines] == [("Tasks", D("0.67")), ("Two", D("1.40"))]


def test_amounts_have_the_decimals_of_the_currency():
    charge = tasks(PerUnit(unit=D("0.0125")))
    totals = {
        code: str(rate([version(charge, currency=code)], [used(100)], OCTOBER).total)
        for code in ("JPY", "USD", "KWD")
    }
    assert totals == {"JPY": "1", "USD": "1.25", "KWD": "1.250"}


@pytest.mark.parametrize(
    ("quantities", "reason"),
    [
        ([used(-1)], "is -1"),
        ([used(1, "Nothing")], "no charge is named"),
        (
            [used(1, start=day(1) - timedelta(days=9), end=day(1) - timedelta(days=8))],
            "outside the agreement",
        ),
        ([used(1, "Platform")], "takes no quantity"),
    ],
)
def test_quantities_that_cannot_be_rated_are_refused(quantities, reason):
    with pytest.raises(RatingError, match=reason):
        rate([version(tasks(PerUnit(unit=D(1))), flat(1))], quantities, OCTOBER)


def test_versions_that_overlap_are_refused():
    with pytest.raises(RatingError, match="two agreement versions"):
        rate([version(flat(1)), version(flat(2), effective=date(2026, 10, 5))], [], OCTOBER)


def test_a_period_without_an_agreement_is_refused():
    with pytest.raises(RatingError, match="no agreement"):
        rate([version(flat(1), effective=date(2027, 1, 1))], [], OCTOBER)


def test_a_line_names_the_rules_that_decided_it():
    charge = tasks(PerUnit(unit=D("0.333")), included=D(31))
    terms = version(charge, effective=date(2026, 10, 22))
    line = rate([terms], [used(20, start=day(22))], OCTOBER).lines[0]
    assert line.rules == (("proration", "day"),)
    line = rate([terms], [used(21, start=day(22))], OCTOBER).lines[0]
    assert line.rules == (("rounding", "half_up"), ("proration", "day"))


def test_the_true_up_is_a_line_even_if_it_is_zero():
    bill = rate([version(flat(10), minimum=D(5))], [], OCTOBER)
    assert (bill.lines[-1].kind, str(bill.lines[-1].amount)) == (LineKind.TRUE_UP, "0.00")
