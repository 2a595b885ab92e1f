"""The PDF of a statement says what the page says, on as many sheets as it needs, and looks the same everywhere."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from builders.agreements import agreement, charges
from builders.partners import billed_partner
from partnergate.model.agreement import DimensionPrice
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.tiers import Tier
from partnergate.rendering.statement.direction import set_from_left
from partnergate.rendering.statement.fonts import Fonts, fonts, is_left_to_right
from partnergate.rendering.statement.pdf import statement_pdf
from partnergate.rendering.statement.view import statement_view
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.lifecycle import State, StatementStatus
from partnergate.statements.seal import new_key_pair

NOW = datetime(2026, 11, 3, tzinfo=UTC)
LONG = "Gesellschaft für Angewandte Automatisierung und Prozessintegration mbH & Co. KG " * 4


@pytest.fixture
def drafted(facts, account):
    return draft(facts, account, next_period(account), now=NOW)


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_every_sheet_has_its_number_and_the_head_of_the_lines(drafted) -> None:
    lines = tuple(replace(drafted.statement.lines[2], number=n) for n in range(1, 121))
    found = pages(statement_pdf(statement_view(replace(drafted.statement, lines=lines))))
    assert len(found) > 3
    for number, text in enumerate(found, start=1):
        assert f"page {number} of {len(found)}" in text
        assert "Statement acme-2026-10-01" in text
    with_lines = [text for text in found if "Tasks" in text]
    assert all("Quantity" in text and "Included" in text for text in with_lines)


def test_a_line_with_more_steps_than_a_page_continues_on_the_next_page(facts) -> None:
    """One row of a table never breaks, and the library refuses one that is higher than a page."""
    tiers = tuple(Tier(up_to=Decimal(n), unit=Decimal("0.01")) for n in range(10, 6000, 10))
    deep = Graduated(tiers=(*tiers, Tier(up_to=None, unit=Decimal("0.005"))))
    tasks = replace(
        charges()[2],
        price=deep,
        by_dimension=(DimensionPrice(where=(("region", "eu"),), price=deep),),
    )
    account = Account(partner=billed_partner(agreement(charges=(tasks,))))
    statement = draft(facts, account, next_period(account), now=NOW).statement
    text = "\n".join(pages(statement_pdf(statement_view(statement))))
    assert "10 to 20 units" in text
    assert "over 5,990 units" in text


@pytest.mark.parametrize(
    ("state", "mark"), [(State.OPEN, "NOT FINAL"), (State.GRACE, "NOT FINAL"), (State.VOID, "VOID")]
)
def test_what_is_not_in_force_is_marked_on_every_sheet(drafted, state: State, mark: str) -> None:
    standing = StatementStatus(state=state, final_from=NOW, grace_over=True, incomplete=())
    found = pages(statement_pdf(statement_view(drafted.statement, standing=standing)))
    assert all(mark in text for text in found)


def test_a_finalized_statement_has_a_seal_and_no_watermark(drafted) -> None:
    sealed = seal_statement(with_place(drafted.statement, (), at=NOW, override=None), new_key_pair().private)
    found = pages(statement_pdf(statement_view(sealed.statement, seal=sealed.seal)))
    assert not any("NOT FINAL" in text or "VOID" in text for text in found)
    assert sealed.seal.sha256 in "".join(found).replace("\n", "")


@pytest.mark.parametrize(
    "name", [LONG, "Z" * 400, "株式会社アクメ自動化", "Zażółć Gęślą Jaźń", "Ελληνικά & <b>"]
)
def test_any_name_can_be_printed_and_the_amounts_do_not_change(facts, name: str) -> None:
    account = Account(partner=billed_partner(name=name))
    drafted = draft(facts, account, next_period(account), now=NOW)
    view = statement_view(drafted.statement, standing=drafted.standing)
    text = "".join(pages(statement_pdf(view)))
    assert view.total in text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Acme & Söhne (EU) 100 %", "Acme & Söhne (EU) 100 %"),
        ("שלום", "םולש"),
        ("Acme שלום 42", "Acme 42 םולש"),
        ("שלום, עולם", "םלוע ,םולש"),
        ("שלום (עולם) Ltd", "(םלוע) םולש Ltd"),
        ("מחיר 1,250.50", "1,250.50 ריחמ"),
        ("سلام", "\ufee1\ufefc\ufeb3"),
        ("سعر ٣٤", "٣٤ \ufeae\ufecc\ufeb3"),
    ],
)
def test_text_from_right_to_left_is_turned_and_its_letters_are_joined(text: str, drawn: str) -> None:
    """Vectors agree with another implementation of UAX #9, which was compared on random texts."""
    assert set_from_left(text) == drawn


def test_a_right_to_left_name_is_printed_in_reading_order(facts) -> None:
    account = Account(partner=billed_partner(name="שלום 42"))
    drafted = draft(facts, account, next_period(account), now=NOW)
    content = statement_pdf(statement_view(drafted.statement, standing=drafted.standing))
    text = PdfReader(io.BytesIO(content)).pages[0].extract_text(extraction_mode="layout")
    assert "42 םולש (acme), production" in text


def test_the_characters_of_east_asia_are_set_in_a_font_of_their_own() -> None:
    found = Fonts(regular="Vera", bold="VeraBd", east_asian="Far")
    assert list(found.runs("Acme 自動化 KG")) == [("Acme ", False), ("自動化", True), (" KG", False)]
    assert fonts("Acme").east_asian == ""
    assert fonts("自動化").east_asian


def test_amounts_that_read_from_right_to_left_are_known() -> None:
    assert is_left_to_right("de_DE")
    assert not is_left_to_right("ar_KW")
