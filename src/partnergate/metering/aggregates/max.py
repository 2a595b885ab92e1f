"""``max``: the largest value of a field."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.metering.aggregates.aggregate import MeterExample
from partnergate.metering.aggregates.numbers import NumberAggregate
from partnergate.model.agreement import AggregateName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent, EventQuantity, PartQuantity


class Max(NumberAggregate):
    """The state is the largest number. A period has the value of the first part that reaches it."""

    name = AggregateName("max")
    meaning = "the largest value of the field `of`"
    example = MeterExample(of="seats", data=({"seats": 3}, {"seats": 8}, {"seats": 5}), quantity="8")
    often = ("maximum", "peak", "highest")
    one_value = True

    def fold(self, measured: Sequence[tuple[int, int | Decimal]], events: Sequence[CountedEvent]) -> Decimal:  # noqa: ARG002
        return Decimal(max(value for _, value in measured))

    def merge(self, one: Decimal, other: Decimal) -> Decimal:
        return max(one, other)

    def replaces(self, later: PartQuantity, known: PartQuantity) -> bool:
        return later.value > known.value

    def deciding(self, events: Sequence[EventQuantity]) -> frozenset[int]:
        largest = sorted(range(len(events)), key=lambda place: -events[place].quantity)
        return frozenset(largest[:1])

    def describe(self, event: str, of: str | None) -> str:
        return f'largest "{of}" of {event} events'


AGGREGATE = Max()
