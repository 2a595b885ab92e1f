"""``sum``: the values of a field, added up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.metering.aggregates.aggregate import MeterExample
from partnergate.metering.aggregates.numbers import NumberAggregate
from partnergate.model.agreement import AggregateName
from partnergate.model.event_data import EXACT, ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent


class Sum(NumberAggregate):
    """The state is the exact sum. The sums of prorated periods add up to the sum of the period."""

    name = AggregateName("sum")
    meaning = "the sum of the field `of`"
    example = MeterExample(of="units", data=({"units": 3}, {"units": "1.50"}), quantity="4.50")
    often = ("total", "add")
    is_money = True

    def fold(self, measured: Sequence[tuple[int, int | Decimal]], events: Sequence[CountedEvent]) -> Decimal:  # noqa: ARG002
        whole, rest = 0, ZERO
        for _, value in measured:
            if type(value) is int:
                whole += value
            else:
                rest = EXACT.add(rest, value)
        return EXACT.add(Decimal(whole), rest)

    def merge(self, one: Decimal, other: Decimal) -> Decimal:
        return EXACT.add(one, other)

    def describe(self, event: str, of: str | None) -> str:
        return f'sum of "{of}" over {event} events'


AGGREGATE = Sum()
