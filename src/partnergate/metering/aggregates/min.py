"""``min``: the smallest value of a field."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.metering.aggregates.aggregate import MeterExample
from partnergate.metering.aggregates.numbers import NumberAggregate
from partnergate.model.agreement import AggregateName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent, EventQuantity, PartQuantity


class Min(NumberAggregate):
    """The state is the smallest number. A period has the value of the first part that reaches it."""

    name = AggregateName("min")
    meaning = "the smallest value of the field `of`"
    example = MeterExample(of="seats", data=({"seats": 5}, {"seats": 3}, {"seats": 8}), quantity="3")
    often = ("minimum", "lowest")
    one_value = True

    def fold(self, measured: Sequence[tuple[int, int | Decimal]], events: Sequence[CountedEvent]) -> Decimal:  # noqa: ARG002
        return Decimal(min(value for _, value in measured))

    def merge(self, one: Decimal, other: Decimal) -> Decimal:
        return min(one, other)

    def replaces(self, later: PartQuantity, known: PartQuantity) -> bool:
        """A part without events has the value zero, which is no measured minimum."""
        if not later.events and not later.value:
            return False
        return later.value < known.value or (not known.events and not known.value)

    def deciding(self, events: Sequence[EventQuantity]) -> frozenset[int]:
        smallest = sorted(range(len(events)), key=lambda place: events[place].quantity)
        return frozenset(smallest[:1])

    def describe(self, event: str, of: str | None) -> str:
        return f'smallest "{of}" of {event} events'


AGGREGATE = Min()
