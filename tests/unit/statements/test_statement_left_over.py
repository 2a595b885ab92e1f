"""Amendments without a following statement are found, and a re-rating shows what was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from test_statement_amending import LATER, TERMS, credit, sealed_next, upcoming, used, voided

from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts
from partnergate.model.agreement import Charge
from partnergate.pricing.models.flat import Flat, FlatTiming
from partnergate.statements.account import Account, next_and_running, unfinished_periods
from partnergate.statements.draft import draft
from partnergate.statements.finalized_terms import touched
from partnergate.statements.leftovers import left_over
from partnergate.statements.rerate import compared

ENDED = replace(TERMS, until=date(2026, 11, 1))


def ended(facts: MemoryFacts) -> Account:
    return sealed_next(Account(partner=billed_partner(ENDED)), facts)


def test_no_amendment_is_left_over_with_a_following_statement_or_without_late_facts() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    assert left_over(facts, ended(facts)) == ()
    continued = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage.append(used(2, 4, 50))
    assert left_over(facts, continued) == ()
    assert left_over(facts, Account(partner=billed_partner(ENDED))) == ()


def test_late_facts_of_an_ended_agreement_name_the_statement_to_recreate() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = ended(facts)
    facts.usage.append(used(2, 4, 50))
    (found,) = left_over(facts, account)
    (words,) = found.words()
    assert words.startswith("59.50 USD of acme-2026-10-01 is not billed, and no statement in USD follows:")
    assert words.endswith("void acme-2026-10-01 and finalize it again")
    again = upcoming(voided(account, 0), facts)
    assert again.total == account.chain[0].statement.total + Decimal("59.50")


def test_a_credit_on_the_last_statement_is_paid_outside() -> None:
    """To void that statement would take the credit's line away with it."""
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = replace(ended(facts), credits=(credit("40.00"),))
    (found,) = left_over(facts, account)
    (words,) = found.words()
    assert words.startswith("a credit of 47.60 USD on acme-2026-10-01 is on no statement")
    assert words.endswith("pay it outside the statements")


def test_a_rerating_separates_unbilled_amounts_from_those_that_a_later_statement_billed() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    (same,) = compared(facts, account)
    assert (same.differences, same.not_billed, same.billed_by, same.is_all_billed) == ((), "", (), True)
    facts.usage.append(used(2, 4, 50))
    (open_one,) = compared(facts, account)
    assert open_one.differences[0] == "line 1, Tasks: 100.00 -> 150.00"
    assert (open_one.not_billed, open_one.billed_by, open_one.is_all_billed) == ("59.50 USD", (), False)
    billed, following = compared(facts, sealed_next(account, facts))
    assert billed.differences == open_one.differences
    assert (billed.not_billed, billed.billed_by, billed.is_all_billed) == ("", ("acme-2026-11-01",), True)
    assert (following.differences, following.is_all_billed) == ((), True)


def test_a_rerating_of_the_same_amount_from_other_records_is_reported() -> None:
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage[0] = used(7, 3, 100)
    (found,) = compared(facts, account)
    assert found.differences == ("line 1, Tasks: 100.00 from other billable records",)
    assert (found.not_billed, found.is_all_billed) == ("", False)


def test_the_running_period_is_listed_beside_the_next_one() -> None:
    """A partner sees what it uses now though an earlier statement is not finalized yet."""
    facts = MemoryFacts(until=LATER)
    account = Account(partner=billed_partner(TERMS))

    def begins(account: Account, *at: int) -> list[date]:
        return [p.period.first_day for p in next_and_running(account, datetime(*at, tzinfo=UTC))]

    assert begins(account, 2026, 9, 20) == []
    assert begins(account, 2026, 10, 20) == [date(2026, 10, 1)]
    assert begins(account, 2026, 12, 20) == [date(2026, 10, 1), date(2026, 12, 1)]
    assert begins(sealed_next(account, facts), 2026, 12, 20) == [date(2026, 11, 1), date(2026, 12, 1)]
    (october, november, december) = unfinished_periods(account, datetime(2026, 12, 20, tzinfo=UTC))
    assert (october.end, november.end) == (november.start, december.start)
    over = ended(facts)
    assert begins(over, 2026, 12, 20) == []
    assert begins(voided(over, 0), 2026, 12, 20) == [date(2026, 10, 1)]


def test_only_the_next_statement_carries_what_came_late() -> None:
    """Else a draft of every later month would show the same correction."""
    facts = MemoryFacts(until=LATER, usage=[used(1, 3, 100)])
    account = sealed_next(Account(partner=billed_partner(TERMS)), facts)
    facts.usage.append(used(2, 4, 50))
    november, december = unfinished_periods(account, datetime(2026, 12, 20, tzinfo=UTC))
    carried = [
        [x.amount for x in draft(facts, account, period, now=LATER).statement.lines if x.corrects]
        for period in (november, december)
    ]
    assert carried == [[Decimal("50.00"), Decimal("9.50")], []]


def test_a_price_due_once_is_not_due_again_under_the_next_version() -> None:
    """The version that made it due has ended, and the statement must still know of it."""
    setup = Charge(name="Setup", price=Flat(amount=Decimal(300), timing=FlatTiming.ONCE))
    old = replace(ENDED, charges=(setup,), tax=None)
    new = replace(old, effective=date(2026, 11, 1), until=None, line=70)
    facts = MemoryFacts(until=LATER)
    account = sealed_next(Account(partner=billed_partner(old, new)), facts)
    assert account.chain[0].statement.total == 300
    assert upcoming(account, facts).total == 0


def test_a_version_that_begins_where_a_final_period_ends_touches_nothing() -> None:
    """That day is the usual one for new terms."""
    sealed = sealed_next(Account(partner=billed_partner(TERMS)), MemoryFacts(until=LATER))
    for day, begins_inside in ((date(2026, 10, 31), True), (date(2026, 11, 1), False)):
        versions = (replace(TERMS, until=day), replace(TERMS, effective=day, line=70))
        found = touched(replace(sealed, partner=billed_partner(*versions)))
        assert [one.is_new for one in found] == [True] * begins_inside
