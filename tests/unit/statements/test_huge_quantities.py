"""A quantity as large as the usage API accepts is shown by every format, with every digit of its amount."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from rich.console import Console

import partnergate
from builders.agreements import agreement
from builders.partners import billed_partner
from builders.usage import usage
from fakes.statement_facts import MemoryFacts
from partnergate.metering.cloudevents import read_batch
from partnergate.metering.usage import UsageEvent
from partnergate.model.agreement import Charge, UsageMeter
from partnergate.model.decimals import CONTEXT
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.rendering.statement.csv import focus_csv, statement_csv, usage_group_csv
from partnergate.rendering.statement.html import statement_page
from partnergate.rendering.statement.pdf import statement_pdf
from partnergate.rendering.statement.reconciliation import (
    reconciliation_csv,
    reconciliation_json,
    reconciliation_page,
    reconciliation_text,
    reconciliation_view,
)
from partnergate.rendering.statement.text import statement_text
from partnergate.rendering.statement.view import statement_view
from partnergate.statements.account import Account, next_period
from partnergate.statements.draft import draft
from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.records import Frame, HostRecord, PartnerRecord

START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
AT = datetime(2026, 10, 12, 12, tzinfo=UTC)
LARGEST = Decimal(10**30 - 1)
QUANTITIES = [Decimal(10**22), LARGEST, -LARGEST, Decimal("9999999999999999999999999999.1234567891")]


def test_the_largest_quantity_here_is_the_largest_that_is_accepted() -> None:
    def sent(quantity: int) -> object:
        (found,) = read_batch(
            b'[{"specversion":"1.0","source":"s","type":"task.run","subject":"user:a","id":"h1",'
            b'"time":"2026-11-12T12:00:00Z","data":{"quantity":%d}}]' % quantity
        )
        return found

    assert isinstance(sent(int(LARGEST)), UsageEvent)
    assert not isinstance(sent(int(LARGEST) + 1), UsageEvent)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("locale", ["en_US", "de_DE", "hi_IN"])
def test_every_format_of_a_statement_shows_it(quantity: Decimal, locale: str) -> None:
    charge = Charge(
        name="Tasks",
        meter=UsageMeter(event="task.run", aggregate="sum", of="quantity"),
        price=PerUnit(unit=Decimal("1.25")),
    )
    terms = agreement(charges=(charge,), minimum=None, revenue_share=None)
    facts = MemoryFacts(until=END, usage=[usage("h1", at=AT, quantity=quantity.copy_abs())])
    account = Account(partner=billed_partner(terms))
    statement = draft(facts, account, next_period(account), now=datetime(2026, 11, 3, tzinfo=UTC)).statement
    assert statement.lines[0].quantity == quantity.copy_abs()
    with localcontext(CONTEXT):
        assert statement.total == round(quantity.copy_abs() * Decimal("1.25"), 2)
    view = statement_view(statement, locale=locale)
    digits = "".join(re.findall(r"[0-9]", view.total))
    assert digits == format(statement.total, ".2f").replace(".", "")
    console = Console(width=200)
    with console.capture() as captured:
        console.print(statement_text(view, width=200))
    assert view.total in captured.get()
    assert view.total in statement_page(view)
    assert statement_pdf(view).startswith(b"%PDF-")
    for text in (
        statement_csv([statement]),
        usage_group_csv([statement]),
        focus_csv([statement], issuer="Host"),
    ):
        assert format(quantity.copy_abs(), "f") in text


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_format_of_a_reconciliation_shows_it(quantity: Decimal) -> None:
    with localcontext(CONTEXT):
        less = quantity - 1
    row = PartnerRecord(row=2, id="h1", time=AT, user="a", quantity=quantity, amount=quantity)
    host = HostRecord(id="h1", time=AT, user="a", quantity=less, amount=less)
    frame = Frame(start=START, end=END, partner_start=START, partner_end=END, unit=Decimal("0.01"))
    others = [replace(row, row=n, id=f"x{n}") for n in range(3, 6)]
    result = reconcile([row, *others], [host], frame)
    with localcontext(CONTEXT):
        differences = {"quantity": Decimal(1), "missing_at_host": 3 * quantity}
        assert result.partner_total - result.host_total == sum(c.amount for c in result.counts)
    assert {c.cause.value: c.quantity for c in result.counts} == differences
    view = reconciliation_view(result, title="t", currency="USD", mapping=())
    console = Console(width=300)
    with console.capture() as captured:
        console.print(reconciliation_text(view))
    assert view.difference in captured.get()
    assert view.difference in reconciliation_page(view)
    exact = format(quantity, "f")
    assert exact in "".join(reconciliation_csv(result))
    assert exact in "".join(reconciliation_json(result, view))


def test_numbers_for_people_are_formatted_in_one_place() -> None:
    """The library formats in the arithmetic of the thread, 28 digits, unless that is set around the call."""
    root = Path(partnergate.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"\bformat_(decimal|currency|percent)\(", path.read_text(encoding="utf-8"))
    }
    assert found == {"pricing/money.py"}
