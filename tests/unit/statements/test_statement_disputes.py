"""Disputes end in a credit or a rejection, and a credit never exceeds what was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from partnergate.errors import StatementError
from partnergate.statements.account import next_period
from partnergate.statements.disputes import DisputeEntry, EntryKind, next_entry, opened
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.ports import PendingCredit
from partnergate.statements.seal import new_key_pair
from partnergate.statements.statement import AmendmentKind

NOW = datetime(2026, 11, 3, tzinfo=UTC)


def entry(kind: EntryKind, amount: str | None = None, words: str = "why") -> DisputeEntry:
    return DisputeEntry(
        at=NOW, kind=kind, name="n", words=words, amount=None if amount is None else Decimal(amount)
    )


@pytest.fixture
def document(facts, account):
    statement = draft(facts, account, next_period(account), now=NOW).statement
    return seal_statement(with_place(statement, (), at=NOW, override=None), new_key_pair().private)


def test_a_draft_is_not_disputed(facts, account) -> None:
    statement = draft(facts, account, next_period(account), now=NOW).statement
    with pytest.raises(StatementError, match="draft"):
        opened(statement, 1, entry(EntryKind.OPENED), ())


def test_a_line_has_one_open_dispute(document) -> None:
    first = opened(document.statement, 2, entry(EntryKind.OPENED), ())
    with pytest.raises(StatementError, match="already"):
        opened(document.statement, 2, entry(EntryKind.OPENED), (first,))
    over = replace(first, entries=(*first.entries, entry(EntryKind.REJECTED)))
    assert opened(document.statement, 2, entry(EntryKind.OPENED), (over,)).id == "acme-2026-10-01-d2"
    for line in (0, 99):
        with pytest.raises(StatementError, match="does not have this line"):
            opened(document.statement, line, entry(EntryKind.OPENED), ())


def test_an_entry_needs_a_message_and_an_open_dispute(document) -> None:
    dispute = opened(document.statement, 2, entry(EntryKind.OPENED), ())
    limits = {"currency": "USD", "billed": Decimal(40), "credited": Decimal(0)}
    with pytest.raises(StatementError, match="an author and a message"):
        next_entry(dispute, entry(EntryKind.REJECTED, words=" "), **limits)
    over = replace(dispute, entries=(*dispute.entries, entry(EntryKind.REJECTED)))
    with pytest.raises(StatementError, match="ended"):
        next_entry(over, entry(EntryKind.ANSWERED), **limits)


@pytest.mark.parametrize("amount", [None, "0", "-1", "30.01", "29.999", "1E+999999"])
def test_a_credit_is_positive_and_all_credits_together_do_not_exceed_the_line(
    document, amount: str | None
) -> None:
    dispute = opened(document.statement, 2, entry(EntryKind.OPENED), ())
    limits = {"currency": "USD", "billed": Decimal(40), "credited": Decimal(10)}
    with pytest.raises(StatementError):
        next_entry(dispute, entry(EntryKind.CREDITED, amount), **limits)
    assert next_entry(dispute, entry(EntryKind.CREDITED, "30"), **limits)


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "1E+999999"])
def test_an_objection_is_about_an_amount_that_can_be_billed(document, amount: str) -> None:
    with pytest.raises(StatementError, match="not an amount in USD"):
        opened(document.statement, 2, entry(EntryKind.OPENED, amount), ())


def test_a_credit_is_a_line_of_the_next_statement_once(facts, account, document) -> None:
    credit = PendingCredit(
        dispute="d1", statement=document.statement.number, line=2, amount=Decimal("5.00"), reason="agreed"
    )
    after = replace(account, chain=(document,), credits=(credit,))
    statement = draft(facts, after, next_period(after), now=NOW).statement
    (line,) = [x for x in statement.lines if x.kind is AmendmentKind.CREDIT]
    assert (line.amount, line.corrects.dispute) == (Decimal("-5.00"), "d1")
