"""``unique_count``: the number of different values of a field."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.metering.aggregates.aggregate import Aggregate, MeterExample
from partnergate.model.agreement import AggregateName
from partnergate.model.event_data import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent, EventQuantity
    from partnergate.model.event_data import Scalar


class UniqueCount(Aggregate):
    """The state maps each value to its first time. A value counts in the part with its first event."""

    name = AggregateName("unique_count")
    meaning = "the number of different values of the field `of`, each counted once a period"
    example = MeterExample(
        of="workspace", data=({"workspace": "w1"}, {"workspace": "w2"}, {"workspace": "w1"}), quantity="2"
    )
    often = ("distinct", "unique", "distinct_count", "count_distinct")
    distinct = True

    def measure(self, value: Scalar) -> str | None:
        if type(value) is str:
            return value
        return None if value is None else text_of(value)

    def fold(self, measured: Sequence[tuple[int, str]], events: Sequence[CountedEvent]) -> dict[str, int]:
        first: dict[str, int] = {}
        for position, text in measured:
            time = events[position].time_us
            known = first.get(text)
            if known is None or time < known:
                first[text] = time
        return first

    def merge(self, one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
        first = dict(one)
        for text, time in other.items():
            first[text] = min(first.get(text, time), time)
        return first

    def value(self, count: int, state: Mapping[str, int] | None) -> Decimal:  # noqa: ARG002
        return Decimal(len(state or ()))

    def event_quantity(self, value: Scalar) -> Decimal | None:
        return None if value is None else Decimal(1)

    def deciding(self, events: Sequence[EventQuantity]) -> frozenset[int]:
        first: dict[str, int] = {}
        for position, event in enumerate(events):
            first.setdefault(event.text, position)
        return frozenset(first.values())

    def describe(self, event: str, of: str | None) -> str:
        return f'number of different "{of}" in {event} events'


AGGREGATE = UniqueCount()
