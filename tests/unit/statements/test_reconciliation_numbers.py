"""Numbers of a partner's file: read as a whole, or refused with line and column; never by dropping signs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.mapping import ColumnMapping, guessed
from partnergate.statements.reconciliation.partner_csv import csv_rows, partner_records
from partnergate.statements.reconciliation.written_numbers import NotNumber, number_of_text, read_number

MAPPING = ColumnMapping(id="id", quantity="quantity", amount="amount")
READ = {
    "1.00E+03": "1000",
    "2.5005e3": "2500.5",
    "1e22": "1e22",
    "(42)": "-42",
    "( 52.50 )": "-52.5",
    "1-": "-1",
    "\N{MINUS SIGN}42": "-42",
    "+7": "7",
    "1,234,567.5": "1234567.5",
    "12,34,567": "1234567",
    "1 200": "1200",
    "1'200.50": "1200.5",
    "1,234": "1234",
    ".5": "0.5",
    "€ 5.00": "5",
    "5.00 EUR": "5",
    "EUR -5": "-5",
    "-€5": "-5",
    "(5.25 EUR)": "-5.25",
}
NOT_READ = [
    "1.2.3", "1,2,3", "1,23", "12,3456", "(42", "42)", "(-42)", "-42-", "--42", "4 tasks", "10%", "0x10",
    "1_000", "NaN", "inf", "1e", "e5", "1e400", "1e-400", "4-2", "1/2", "-", "()", "five", "5 XQX", "1" * 31,
]  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read_as_it_is_written(text: str) -> None:
    assert number_of_text(text, decimal_comma=False, currency="EUR") == Decimal(READ[text])


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_not_a_number_is_refused_and_quoted(text: str) -> None:
    found = number_of_text(text, decimal_comma=False, currency="EUR")
    assert isinstance(found, NotNumber)
    assert f'"{text}"' in found.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50", "1234.5"),
        ("1 234,5", "1234.5"),
        ("(0,25)", "-0.25"),
        ("1,5E+3", "1500"),
        ("1.234", "1234"),
    ],
)
def test_with_a_decimal_comma_the_point_separates_thousands(text: str, value: str) -> None:
    assert read_number(text, decimal_comma=True) == Decimal(value)
    assert read_number("2500.5", decimal_comma=True) is None


@pytest.mark.parametrize(
    ("text", "currency", "readable"),
    [
        ("$5", "USD", True),
        ("$5", "CAD", True),
        ("$5", "EUR", False),
        ("USD 5", "EUR", False),
        ("5 kr", "SEK", True),
        ("£5", "EUR", False),
        ("usd 5", "USD", True),
    ],
)
def test_a_currency_is_compared_with_the_one_of_the_statement(
    text: str, currency: str, readable: bool
) -> None:
    found = number_of_text(text, decimal_comma=False, currency=currency)
    assert (found == 5) is readable
    if not readable:
        assert f"the statement is in {currency}" in found.reason


def records_of(text: str, mapping: ColumnMapping = MAPPING, currency: str = "EUR"):
    _, rows = csv_rows(text.encode())
    return partner_records(rows, mapping, key_of=lambda user: user, currency=currency)


def test_an_unreadable_number_is_named_by_line_and_column() -> None:
    text = 'id,quantity,amount\n"a\nb",1,1\n\nT-2,4 tasks,USD 5\n'
    assert [(r.row, r.trouble) for r in records_of(text)] == [
        (2, ""),
        (
            5,
            (
                'line 5, column "quantity": "4 tasks" is not a number; '
                'line 5, column "amount": "USD 5" is in USD, but the statement is in EUR'
            ),
        ),
    ]


def test_a_currency_column_is_found_and_compared_by_row() -> None:
    text = "id,quantity,amount,currency\nT-1,1,5,EUR\nT-2,1,5,USD\n"
    head, rows = csv_rows(text.encode())
    mapping = guessed(head, rows, zones=("UTC",), score=lambda _m: 0)
    assert mapping.currency == "currency"
    first, second = records_of(text, mapping)
    assert not first.trouble
    assert second.trouble == 'line 3, column "currency": "USD" is not the currency of the statement, EUR'


@pytest.mark.parametrize("column", ["Amount (USD)", "amount_usd", "Amount USD"])
def test_a_column_name_in_another_currency_is_refused(column: str) -> None:
    mapping = ColumnMapping(id="id", amount=column)
    with pytest.raises(UsageError, match="is in USD, but the statement is in EUR"):
        records_of(f"id,{column}\nT-1,5\n", mapping)
    assert records_of(f"id,{column}\nT-1,5\n", mapping, currency="USD")[0].amount == 5


@pytest.mark.parametrize(
    ("numbers", "comma"),
    [
        (("1,200", "2500.5"), False),
        (("1.200", "2500,5"), True),
        (("1,200", "1,200,300.00"), False),
        (("0,125", "3"), True),
        (("0.125", "3"), False),
    ],
)
def test_the_decimal_sign_is_the_one_that_the_numbers_show(numbers: tuple[str, ...], comma: bool) -> None:
    text = "id;quantity\n" + "".join(f"T-{n};{number}\n" for n, number in enumerate(numbers))
    head, rows = csv_rows(text.encode())
    assert guessed(head, rows, zones=("UTC",), score=lambda _m: 0).decimal_comma is comma


@pytest.mark.parametrize("ours", [Decimal("1.2"), Decimal(1200)])
def test_the_host_decides_what_a_number_with_one_separator_is(ours: Decimal) -> None:
    head, rows = csv_rows(b"id;quantity\nT-1;1,200\n")

    def score(mapping: ColumnMapping) -> int:
        return sum(r.quantity == ours for r in partner_records(rows, mapping, key_of=lambda u: u))

    mapping = guessed(head, rows, zones=("UTC",), score=lambda _m: 0, score_numbers=score)
    assert mapping.decimal_comma is (ours < 100)
