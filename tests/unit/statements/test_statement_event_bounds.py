"""Fees with a minimum or maximum for each event: finalized statements are compared without reading the events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from test_statement_amending import LATER, TASKS, TERMS, sealed_next, upcoming, used

from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts
from partnergate.model.agreement import DimensionPrice
from partnergate.pricing.event_bounds import needs_each_event, without_event_bounds
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.statements.account import Account

BOUNDED = Percentage(percent=Decimal(10), event_minimum=Decimal(1), event_maximum=Decimal(3))
FEES = replace(TERMS, charges=(replace(TASKS, price=BOUNDED),), tax=None)


@dataclass(slots=True, kw_only=True)
class WatchedFacts(MemoryFacts):
    """Notes the months of which every single event was asked for."""

    read: list[int] = field(default_factory=list)

    def quantities(self, partner, agreement, start, end, *, whole=None):
        if any(map(needs_each_event, agreement.charges)):
            self.read.append(start.month)
        return MemoryFacts.quantities(self, partner, agreement, start, end, whole=whole)


def test_only_a_bound_on_events_needs_each_event() -> None:
    plain = replace(TASKS, price=Percentage(percent=Decimal(1), fixed=Decimal(1), free_events=2))
    by_region = DimensionPrice(where=(("region", "eu"),), price=BOUNDED)
    charges = (TASKS, plain, replace(TASKS, price=BOUNDED), replace(TASKS, by_dimension=(by_region,)))
    assert list(map(needs_each_event, charges)) == [False, False, True, True]
    freed = without_event_bounds(replace(TERMS, charges=charges)).charges
    assert not any(map(needs_each_event, freed))
    assert freed[:2] == charges[:2]
    assert freed[3].price == PerUnit(unit=Decimal(1))
    assert freed[3].by_dimension[0].where == by_region.where


def test_an_unchanged_finalized_statement_is_not_read_event_by_event() -> None:
    """Else each draft would read the events of every month that ever was final."""
    facts = WatchedFacts(until=LATER, usage=[used(1, 3, 5), used(2, 4, 50)])
    account = sealed_next(Account(partner=billed_partner(FEES)), facts)
    assert account.chain[0].statement.total == Decimal("4.00")
    facts.read.clear()
    assert upcoming(account, facts).total == 0
    assert facts.read == [11]


def test_events_that_changed_are_read_and_their_fees_corrected() -> None:
    """The same number of events with the same sum: only the hash of the facts tells them apart."""
    facts = WatchedFacts(until=LATER, usage=[used(1, 3, 5), used(2, 4, 55)])
    account = sealed_next(Account(partner=billed_partner(FEES)), facts)
    facts.usage[:] = [used(3, 3, 30), used(4, 4, 30)]
    facts.read.clear()
    found = upcoming(account, facts)
    assert sorted(set(facts.read)) == [10, 11]
    assert [x.amount for x in found.lines if x.corrects] == [Decimal("2.00")]
