"""Amendments of a finalized statement never credit more than was billed, and include the tax."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from builders.agreements import agreement
from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts
from partnergate.errors import StatementError
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import Charge, RevenueShare, Tax, UsageMeter
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.statements.account import Account, follows, next_period
from partnergate.statements.corrections import corrections
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import credit_note, with_place
from partnergate.statements.ports import PendingCredit
from partnergate.statements.rating import rated_again
from partnergate.statements.seal import new_key_pair
from partnergate.statements.statement import AmendmentKind
from partnergate.statements.verify import verify_file

KEYS = new_key_pair()
LATER = datetime(2027, 6, 1, tzinfo=UTC)
TASKS = Charge(
    name="Tasks",
    meter=UsageMeter(event="task.run", aggregate="sum", of="quantity"),
    price=PerUnit(unit=Decimal(1)),
)
TERMS = agreement(
    charges=(TASKS,), minimum=None, revenue_share=None, tax=Tax(name="VAT", percent=Decimal(19))
)


def used(number: int, day: int, quantity: int) -> UsageEvent:
    return UsageEvent(
        source="host", id=f"u{number}", type="task.run", time=datetime(2026, 10, day, 12, tzinfo=UTC),
        subject_kind=SubjectKind.SESSION, subject="s", data={"quantity": quantity},
    )  # fmt: skip


def upcoming(account: Account, facts: MemoryFacts):
    return draft(facts, account, next_period(account), now=LATER).statement


def sealed_next(account: Account, facts: MemoryFacts) -> Account:
    """Finalize the next statement, and verify its file."""
    return appended(account, upcoming(account, facts))


def appended(account: Account, statement) -> Account:
    document = seal_statement(with_place(statement, account.chain, at=LATER, override=None), KEYS.private)
    checks = verify_file(statement_file(document.statement, document.seal), KEYS.public).checks
    assert [c for c in checks if not c.ok] == []
    return replace(account, chain=(*account.chain, document))


def voided(account: Account, at: int) -> Account:
    document = account.chain[at]
    chain = [d.statement for d in account.chain]
    note = credit_note(
        document.statement, document.seal.sha256, chain, at=LATER, name="Billing", reason="wrong terms"
    )
    return appended(account, note)


def credit(amount: str, *, dispute: str = "acme-2026-10-01-d1", line: int = 1) -> PendingCredit:
    return PendingCredit(
        dispute=dispute, statement="acme-2026-10-01", line=line, amount=Decimal(amount), reason="agreed"
    )


def amending(statement) -> list[tuple[str, str, Decimal]]:
    return [(x.kind.value, x.name, x.amount) for x in statement.lines if x.corrects is not None]


def test_a_change_of_the_tax_rate_keeps_both_taxes_corrected() -> None:
    """Two lines of one name and period differ by their rate alone."""
    before = replace(TERMS, until=date(2026, 10, 16))
    after = replace(TERMS, effective=date(2026, 10, 16), tax=Tax(name="VAT", percent=Decimal(16)), line=70)
    empty = Account(partner=billed_partner(before, after))
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100), used(2, 20, 200)])
    account = sealed_next(empty, facts)
    facts.usage.append(used(3, 4, 50))
    first = upcoming(account, facts)
    assert amending(first) == [
        ("correction", "Tasks", Decimal("50.00")),
        ("correction", "VAT", Decimal("9.50")),
    ]
    assert first.tax == Decimal("9.50")
    account = sealed_next(account, facts)
    facts.usage.append(used(4, 21, 100))
    assert amending(upcoming(account, facts)) == [
        ("correction", "Tasks", Decimal("100.00")),
        ("correction", "VAT", Decimal("16.00")),
    ]


def test_a_credit_takes_the_tax_of_its_line_back_too() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = replace(sealed_next(Account(partner=billed_partner(TERMS)), facts), credits=(credit("40.00"),))
    found = upcoming(account, facts)
    assert amending(found) == [("credit", "Tasks", Decimal("-40.00")), ("credit", "VAT", Decimal("-7.60"))]
    assert (found.subtotal, found.tax, found.total) == (
        Decimal("-40.00"),
        Decimal("-7.60"),
        Decimal("-47.60"),
    )
    account = replace(appended(account, found), credits=())
    assert amending(upcoming(account, facts)) == []


@pytest.mark.parametrize(
    ("given", "left", "wanted"),
    [
        ("40.00", 100, Decimal("71.40")),
        ("40.00", 70, Decimal("35.70")),
        ("40.00", 30, Decimal(0)),
        ("100.00", 0, Decimal(0)),
    ],
)
def test_credit_and_correction_together_never_give_back_more_than_was_billed(
    given: str, left: int, wanted: Decimal
) -> None:
    """The credit stays given; what late facts take off is taken off as far as the line still bills."""
    for credit_first in (True, False):
        facts = MemoryFacts(until=LATER, usage=[used(1, 3, left), used(2, 3, 100 - left)])
        account = replace(
            sealed_next(Account(partner=billed_partner(TERMS)), facts), credits=(credit(given),)
        )
        if credit_first:
            account = replace(sealed_next(account, facts), credits=())
        facts.usage = [x for x in facts.usage if x.id == "u1"]
        account = replace(sealed_next(account, facts), credits=())
        total = sum((d.statement.total for d in account.chain), Decimal(0))
        assert total == wanted, credit_first
        assert amending(upcoming(account, facts)) == []


def test_a_credit_of_a_correction_counts_for_the_line_that_was_corrected() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage.append(used(2, 3, 50))
    account = sealed_next(account, facts)
    (correction,) = (x for x in account.chain[1].statement.lines if x.corrects and x.name == "Tasks")
    about = PendingCredit(
        dispute="acme-2026-11-01-d1", statement="acme-2026-11-01", line=correction.number,
        amount=Decimal(50), reason="agreed",
    )  # fmt: skip
    account = replace(sealed_next(replace(account, credits=(about,)), facts), credits=())
    facts.usage.clear()
    account = sealed_next(account, facts)
    assert sum((d.statement.total for d in account.chain), Decimal(0)) == 0
    assert amending(upcoming(account, facts)) == []


def test_a_credit_that_the_line_no_longer_bills_waits() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = replace(sealed_next(Account(partner=billed_partner(TERMS)), facts), credits=(credit("40.00"),))
    facts.usage.clear()
    assert [x[0] for x in amending(upcoming(account, facts))] == ["correction", "correction"]


def test_after_a_voided_statement_is_made_again_the_period_after_the_last_is_next() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = Account(partner=billed_partner(TERMS))
    for _ in range(3):
        account = sealed_next(account, facts)
    account = voided(account, 0)
    again = upcoming(account, facts)
    assert again.number == "acme-2026-10-01-2"
    account = appended(account, again)
    assert next_period(account).start == account.chain[2].statement.period.end
    assert upcoming(account, facts).number == "acme-2027-01-01"
    assert sum((d.statement.total for d in account.chain), Decimal(0)) == Decimal("119.00")


def test_a_voided_statement_with_corrections_of_its_tax_is_reversed_completely() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage.append(used(2, 3, 11))
    account = voided(sealed_next(account, facts), 0)
    note = account.chain[-1].statement
    assert (note.subtotal, note.tax, note.total) == (
        Decimal("-111.00"),
        Decimal("-21.09"),
        Decimal("-132.09"),
    )
    assert all(x.kind is AmendmentKind.CREDIT for x in note.lines)


def test_corrections_follow_the_order_of_the_lines_they_correct() -> None:
    terms = replace(TERMS, charges=(TASKS, replace(TASKS, name="Another meter")), minimum=Decimal(500))
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 10)])
    account = sealed_next(Account(partner=billed_partner(terms)), facts)
    facts.usage.append(used(2, 3, 900))
    found = [x.corrects.line for x in upcoming(account, facts).lines if x.corrects]
    assert found == sorted(found)
    assert len(found) == 4


def test_credits_of_two_lines_give_no_more_tax_back_than_was_billed() -> None:
    """19 % of 0.06 is 0.01, and of each 0.03 by itself 0.01 again."""
    small = replace(TASKS, price=PerUnit(unit=Decimal("0.03")))
    terms = replace(TERMS, charges=(small, replace(small, name="Jobs")))
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 1)])
    both = (credit("0.03"), credit("0.03", dispute="acme-2026-10-01-d2", line=2))
    account = replace(sealed_next(Account(partner=billed_partner(terms)), facts), credits=both)
    assert account.chain[0].statement.tax == Decimal("0.01")
    assert amending(upcoming(account, facts)) == [
        ("credit", "Tasks", Decimal("-0.03")),
        ("credit", "VAT", Decimal("-0.01")),
        ("credit", "Jobs", Decimal("-0.03")),
    ]


def test_a_second_correction_of_the_share_leaves_out_the_first() -> None:
    terms = replace(TERMS, tax=None, revenue_share=RevenueShare(partner_percent=Decimal(20), of="usage"))
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(terms)), facts)
    for number, quantity, share in ((2, 50, "10.00"), (3, 100, "20.00")):
        facts.usage.append(used(number, 4, quantity))
        found = upcoming(account, facts)
        assert [(c.statement, c.amount) for c in found.share_corrections] == [
            ("acme-2026-10-01", Decimal(share))
        ]
        assert found.share_total == Decimal(share)
        account = sealed_next(account, facts)


def test_facts_that_are_again_what_they_were_take_a_correction_back() -> None:
    """They equal those of the finalized statement, but the billed amount differs."""
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage.append(used(2, 4, 50))
    account = sealed_next(account, facts)
    del facts.usage[1]
    assert amending(upcoming(account, facts)) == [
        ("correction", "Tasks", Decimal("-50.00")),
        ("correction", "VAT", Decimal("-9.50")),
    ]


def test_rule_18_a_statement_is_not_corrected_in_another_currency() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    original = sealed_next(Account(partner=billed_partner(TERMS)), facts).chain[0].statement
    other = replace(rated_again(original, original.measured), currency="EUR")
    with pytest.raises(StatementError, match="cannot add amounts in two currencies"):
        corrections(original, other, due=LATER)


def test_rule_18_what_another_currency_billed_is_not_added_to_the_next_statement() -> None:
    """The old currency has no live statement any more; the statement is void and recreated in the new one."""
    old = replace(TERMS, until=date(2026, 11, 1))
    new = replace(TERMS, effective=date(2026, 11, 1), currency="EUR", line=70)
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(old, new)), facts)
    facts.usage.append(used(2, 3, 50))
    account = replace(account, credits=(credit("40.00"),))
    following = upcoming(account, facts)
    assert (following.currency, amending(following), following.total) == ("EUR", [], Decimal(0))
    assert [follows(account, code) for code in ("USD", "EUR")] == [False, True]
    assert not follows(Account(partner=billed_partner(old), chain=account.chain), "USD")
    again = upcoming(voided(replace(account, credits=()), 0), facts)
    assert (again.number, again.currency, again.total) == ("acme-2026-10-01-2", "USD", Decimal("178.50"))
