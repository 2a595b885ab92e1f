"""Currencies, rounding, allocation and amounts for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from babel.numbers import list_currencies

from partnergate.errors import RatingError
from partnergate.model.agreement import Rounding
from partnergate.model.currency import EXPONENTS
from partnergate.model.decimals import decimal_text, number_text, started
from partnergate.model.instants import instant_text
from partnergate.pricing.checks import rateability_problems
from partnergate.pricing.money import allocate, exponent, formatted, minor_unit, rounded
from partnergate.pricing.plain_values import plain_values
from partnergate.pricing.rated import LineShare, Money

D = Decimal


def test_every_currency_of_the_table_is_known_to_the_locale_library():
    assert set(EXPONENTS) - list_currencies() - {"XCG"} == set()


@pytest.mark.parametrize(("code", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_its_minor_unit(code, decimals):
    assert exponent(code) == decimals
    assert minor_unit(code) == D(1).scaleb(-decimals)


def test_the_rounding_error_of_a_division_starts_no_package():
    """Included units of a part period have 24 places; their last one is no quantity."""
    assert started(D(1000) + D("1e-22"), D(1000)) == 1
    assert started(D(1000) + D("1e-9"), D(1000)) == 2


@pytest.mark.parametrize("code", ["XXQ", "usd", "", "BTC"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(RatingError, match="not a currency"):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "half_up", "half_even"),
    [
        ("0.125", "0.13", "0.12"),
        ("-0.125", "-0.13", "-0.12"),
        ("0.135", "0.14", "0.14"),
        ("-0.001", "0.00", "0.00"),
    ],
)
def test_halves_are_rounded_by_the_rule_and_never_to_negative_zero(amount, half_up, half_even):
    assert str(rounded(D(amount), "USD", Rounding.HALF_UP)) == half_up
    assert str(rounded(D(amount), "USD", Rounding.HALF_EVEN)) == half_even


def test_an_allocation_gives_the_remaining_units_to_the_largest_remainders():
    assert allocate(D("100.00"), [D(1), D(1), D(1)], "USD") == (D("33.34"), D("33.33"), D("33.33"))
    assert allocate(D("0.05"), [D(3), D(7)], "USD") == (D("0.02"), D("0.03"))
    assert allocate(D("-0.05"), [D(3), D(7)], "USD") == (D("-0.02"), D("-0.03"))
    assert allocate(D(10), [D(0), D(0)], "JPY") == (D(5), D(5))


@pytest.mark.parametrize(("total", "weights"), [("1", []), ("1", [-1, 2]), ("0.001", [1])])
def test_an_allocation_that_cannot_be_exact_is_refused(total, weights):
    with pytest.raises(RatingError):
        allocate(D(total), [D(weight) for weight in weights], "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1234.5", "USD", "en_US", "$1,234.50"),
        ("1234.5", "KWD", "de_DE", "1.234,500\xa0KWD"),
        ("1234", "JPY", "en_US", "¥1,234"),
        ("1234.5", "ALL", "en_US", "ALL\xa01,234.50"),
        ("-3.5", "EUR", "de_DE", "-3,50\xa0€"),
    ],
)
def test_amounts_for_people_have_the_decimals_of_the_currency_in_every_locale(amount, currency, locale, text):
    assert formatted(D(amount), currency, locale) == text


@pytest.mark.parametrize(
    ("number", "short", "full"),
    [
        ("1E+3", "1000", "1000"),
        ("1.500", "1.5", "1.500"),
        ("-0.0", "0", "0.0"),
        ("0E-9", "0", "0.000000000"),
        ("10.00", "10", "10.00"),
    ],
)
def test_a_number_has_one_short_text_and_one_with_its_decimals(number, short, full):
    assert number_text(D(number)) == short
    assert decimal_text(D(number)) == full


def test_only_a_finite_number_has_a_text():
    with pytest.raises(ValueError, match="NaN is not a finite number"):
        decimal_text(D("NaN"))


def test_a_field_of_the_type_money_keeps_its_decimals():
    share = LineShare(name="api", start=datetime(2026, 1, 1, tzinfo=UTC), base=D("10.00"), partner=D("-0.00"))
    assert plain_values(share) == {
        "name": "api",
        "start": "2026-01-01T00:00:00Z",
        "base": "10.00",
        "partner": "0.00",
    }


@dataclass(frozen=True)
class _OtherBill:
    total: Money
    quantity: Decimal


def test_a_type_decides_what_is_money_and_not_the_name_of_a_class():
    assert plain_values(_OtherBill(D("5.00"), D("5.00"))) == {"total": "5.00", "quantity": "5"}


def test_a_value_without_canonical_text_is_refused():
    assert instant_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
    with pytest.raises(TypeError):
        instant_text(datetime(2026, 1, 1))
    with pytest.raises(TypeError):
        plain_values(1.5)


def test_numbers_that_no_file_can_contain_are_found_before_rating():
    from partnergate.model.agreement import Agreement, Charge, Cycle, LoginsMeter
    from partnergate.pricing.models.package import Package
    from partnergate.pricing.models.per_unit import PerUnit
    from partnergate.pricing.periods import period_containing
    from partnergate.pricing.rate import rate
    from partnergate.pricing.rated import AgreementVersion

    terms = Agreement(
        effective=datetime(2026, 10, 1).date(),
        until=None,
        currency="USD",
        time_zone="UTC",
        cycle=Cycle(),
        charges=(
            Charge(name="A", price=PerUnit(unit=D(-1)), meter=LoginsMeter()),
            Charge(name="B", price=Package(size=D(0), amount=D(1)), meter=LoginsMeter()),
            Charge(name="C", price=PerUnit(unit=D("NaN")), meter=LoginsMeter()),
        ),
        minimum=D(-5),
    )
    assert [".".join(map(str, p.finding.path)) for p in rateability_problems(terms)] == [
        "charges.0.price.unit",
        "charges.1.price.size",
        "charges.2.price.unit",
        "minimum",
    ]
    period = period_containing(Cycle(), "UTC", datetime(2026, 10, 5, tzinfo=UTC))
    with pytest.raises(RatingError, match="4 problems"):
        rate([AgreementVersion(agreement=terms)], [], period)
