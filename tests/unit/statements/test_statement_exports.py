"""What leaves the house is safe to open, and says what the statement says."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from builders.agreements import agreement, charges
from builders.partners import billed_partner
from partnergate.errors import UsageError
from partnergate.model.agreement import Charge
from partnergate.pricing.models.flat import Flat
from partnergate.rendering.statement.csv import focus_csv, statement_csv, usage_group_csv, written
from partnergate.rendering.statement.html import statement_page
from partnergate.rendering.statement.pdf import statement_pdf
from partnergate.rendering.statement.text import statement_text
from partnergate.rendering.statement.view import statement_view
from partnergate.safe_text import spreadsheet_cell
from partnergate.statements.account import Account, next_period
from partnergate.statements.draft import draft
from partnergate.store.export import DATASETS, write_csv

NOW = datetime(2026, 11, 3, tzinfo=UTC)
FORMULAS = ("=1", "+1x", "-1x", "@x", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\uff1d1", "\uff0b1",
            "\uff0dx", "\uff20x", "\ufe66x", "\x00=1", "\ufeff=1")  # fmt: skip
HOSTILE = '=HYPERLINK("http://x","y")<script>alert(1)</script>'


@pytest.fixture
def statement(facts, account):
    return draft(facts, account, next_period(account), now=NOW).statement


@pytest.fixture
def hostile(facts):
    evil = Charge(name=HOSTILE, price=Flat(amount=Decimal(1)))
    terms = agreement(charges=(evil, *charges()))
    account = Account(partner=billed_partner(terms, name=HOSTILE))
    return draft(facts, account, next_period(account), now=NOW).statement


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_no_text_of_others_is_a_formula(hostile) -> None:
    for text in (statement_csv([hostile]), usage_group_csv([hostile]), focus_csv([hostile], issuer="=1+1")):
        for row in rows(text):
            for cell in row.values():
                assert not cell.startswith(("=", "+", "@", "\t", "\r"))


@given(st.text())
def test_a_cell_is_never_a_formula_and_a_number_remains_a_number(text: str) -> None:
    cell = spreadsheet_cell(text)
    evaluated = unicodedata.normalize("NFKC", cell).strip()
    if evaluated[:1] in ("=", "+", "-", "@"):
        assert float(cell) <= 0
    assert cell.isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cell)


@pytest.mark.parametrize("text", FORMULAS)
def test_every_csv_writer_neutralizes_every_start_of_a_formula(text: str) -> None:
    table = written(("a",), [(text,)])
    into = io.StringIO()
    write_csv(iter([[(text,) * len(DATASETS["logins"].columns)]]), DATASETS["logins"], into)
    for content in (table, into.getvalue()):
        for row in csv.reader(io.StringIO(content, newline="")):
            assert not unicodedata.normalize("NFKC", row[0]).strip().startswith(("=", "+", "-", "@"))


def test_numbers_and_times_stay_as_they_are() -> None:
    assert spreadsheet_cell("-1.50") == "-1.50"
    assert spreadsheet_cell("-1+cmd") == "'-1+cmd"


def test_a_semicolon_starts_no_cell_with_a_formula() -> None:
    assert spreadsheet_cell("Q;=1+1; \uff1dx; tasks") == "Q;'=1+1;' \uff1dx; tasks"


def test_no_text_of_others_is_markup(hostile) -> None:
    html = statement_page(statement_view(hostile))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert statement_pdf(statement_view(hostile)).startswith(b"%PDF-")


def test_the_lines_of_an_export_sum_to_the_statement(statement) -> None:
    assert sum(Decimal(r["amount"]) for r in rows(statement_csv([statement]))) == statement.total
    assert (
        sum(Decimal(r["BilledCost"]) for r in rows(focus_csv([statement], issuer="Host"))) == statement.total
    )
    groups = rows(usage_group_csv([statement]))
    for line in (x for x in statement.lines if any(c.tiers for c in x.rated.components)):
        of_line = [Decimal(g["amount_exact"]) for g in groups if g["line"] == str(line.number)]
        assert sum(of_line) == line.rated.gross


@pytest.mark.parametrize(
    ("currency", "locale", "shown"),
    [
        ("USD", "en_US", "$1,234.50"),
        ("EUR", "de_DE", "1.234,50\xa0€"),
        ("JPY", "ja_JP", "1,234"),
        ("KWD", "en_US", "1,234.500"),
    ],
)
def test_amounts_have_the_currencys_decimals_and_the_locales_signs(
    facts, currency: str, locale: str, shown: str
) -> None:
    amount = Decimal(1234) if currency == "JPY" else Decimal("1234.50")
    terms = agreement(
        currency=currency,
        charges=(Charge(name="Fee", price=Flat(amount=amount)),),
        minimum=None,
        revenue_share=None,
    )
    account = Account(partner=billed_partner(terms))
    statement = draft(facts, account, next_period(account), now=NOW).statement
    assert shown in statement_view(statement, locale=locale).total.replace("\u202f", "\xa0")


def test_equal_views_give_equal_documents(statement) -> None:
    view = statement_view(statement)
    assert statement_pdf(view) == statement_pdf(view)
    assert statement_page(view) == statement_page(view)


def test_a_long_statement_has_several_pages(statement) -> None:
    lines = tuple(replace(statement.lines[2], number=n) for n in range(1, 200))
    content = statement_pdf(statement_view(replace(statement, lines=lines)))
    assert content.count(b"/Type /Page\n") > 3


def test_a_locale_that_is_none_is_refused(statement) -> None:
    with pytest.raises(UsageError):
        statement_view(statement, locale="xx_YY_zz")


@pytest.mark.parametrize("locale", ["en_US", "fr_FR", "he_IL", "ar_EG", "fa_IR", "de_CH"])
def test_the_format_of_a_locale_is_never_shown_as_escapes(statement, locale: str) -> None:
    """Amounts contain special spaces and direction marks in many locales."""
    view = statement_view(statement, locale=locale)
    console = Console(file=io.StringIO(), width=200)
    console.print(statement_text(view, width=200))
    assert "\\u" not in console.file.getvalue()
    assert "\\x" not in statement_page(view) + console.file.getvalue()


def test_no_text_of_others_controls_the_terminal_or_a_page(facts) -> None:
    charge = replace(charges()[0], name="Seats\x1b[2J\u202e")
    terms = agreement(charges=(charge, *charges()[1:]))
    account = Account(partner=billed_partner(terms, name="Acme\x9b\u2066"))
    view = statement_view(draft(facts, account, next_period(account), now=NOW).statement)
    console = Console(file=io.StringIO(), width=200, no_color=True)
    console.print(statement_text(view, width=200))
    for text in (console.file.getvalue(), statement_page(view)):
        assert not re.search("[\x1b\x80-\x9f\u202e\u2066]", text)
        assert "\\x1b[2J" in text
