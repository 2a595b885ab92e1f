"""What a series has measured so far in one span: parts add up to the whole, in any order.

Not for distinct values: those are sets, in ``metering`` and in the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, assert_never

from partnergate.metering.fact_hash import add_weights
from partnergate.model.agreement import Aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

EXACT = Context(prec=200)
"""Wide enough for every sum of numbers that the ledger takes."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LastValue:
    """The value of the latest event; ties go to the greatest source, then id."""

    time: datetime
    source: str
    id: str
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Events of one split: how many, the weight of their identities, and what the aggregate needs of them."""

    count: int = 0
    unmeasured: int = 0
    sum: Decimal = ZERO
    max: Decimal | None = None
    last: LastValue | None = None
    weight: int = 0

    def value(self, aggregate: Aggregate) -> Decimal:
        """The quantity; zero when there was nothing."""
        match aggregate:
            case Aggregate.COUNT:
                return Decimal(self.count)
            case Aggregate.SUM:
                return self.sum
            case Aggregate.MAX:
                return ZERO if self.max is None else self.max
            case Aggregate.LAST:
                return ZERO if self.last is None else self.last.value
            case Aggregate.UNIQUE_COUNT:
                raise ValueError("distinct values are not tallied")
            case _:
                assert_never(aggregate)


def tally_event(
    aggregate: Aggregate, value: Decimal | None, time: datetime, key: tuple[str, str], *, weight: int
) -> Tally:
    """One event: its measured value, its time, its source and id, the weight of its identity."""
    match aggregate:
        case Aggregate.COUNT | Aggregate.UNIQUE_COUNT:
            return Tally(count=1, weight=weight)
        case Aggregate.SUM:
            return Tally(count=1, sum=value or ZERO, weight=weight)
        case Aggregate.MAX:
            return Tally(count=1, max=value, weight=weight)
        case Aggregate.LAST:
            last = None if value is None else LastValue(time=time, source=key[0], id=key[1], value=value)
            return Tally(count=1, last=last, weight=weight)
        case _:
            assert_never(aggregate)


UNMEASURED = Tally(unmeasured=1)
"""An event that lacks the number that the meter measures."""


def merged(tallies: Iterable[Tally]) -> Tally:
    """The tally of disjoint sets of events together."""
    count, unmeasured, total, weight = 0, 0, ZERO, 0
    greatest: Decimal | None = None
    last: LastValue | None = None
    for tally in tallies:
        count += tally.count
        unmeasured += tally.unmeasured
        total = EXACT.add(total, tally.sum)
        weight = add_weights(weight, tally.weight)
        if tally.max is not None and (greatest is None or tally.max > greatest):
            greatest = tally.max
        if tally.last is not None and (last is None or tally.last > last):
            last = tally.last
    return Tally(count=count, unmeasured=unmeasured, sum=total, max=greatest, last=last, weight=weight)
