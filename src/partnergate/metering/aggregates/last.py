"""``last``: the value of a field in the latest event."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from partnergate.canonical_json import canonical_json
from partnergate.metering.aggregates.aggregate import MeterExample
from partnergate.metering.aggregates.numbers import NumberAggregate
from partnergate.model.agreement import AggregateName
from partnergate.model.decimals import number_text
from partnergate.model.event_data import ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent, EventQuantity, PartQuantity


class LatestEvent(NamedTuple):
    """The latest event so far. Events at the same time are ordered by source, then id."""

    time_us: int
    source: str
    id: str
    value: Decimal


class Last(NumberAggregate):
    """The state is the latest event. A period has the value of its last part with any event."""

    name = AggregateName("last")
    meaning = "the field `of` of the latest event"
    example = MeterExample(of="seats", data=({"seats": 8}, {"seats": 5}), quantity="5")
    often = ("latest", "current", "newest")
    one_value = True

    def fold(
        self, measured: Sequence[tuple[int, int | Decimal]], events: Sequence[CountedEvent]
    ) -> LatestEvent:
        position, value = max(measured, key=lambda m: events[m[0]][:3])
        time_us, source, event_id, *_ = events[position]
        return LatestEvent(time_us, source, event_id, Decimal(value))

    def merge(self, one: LatestEvent, other: LatestEvent) -> LatestEvent:
        return max(one, other)

    def value(self, count: int, state: LatestEvent | None) -> Decimal:  # noqa: ARG002
        return ZERO if state is None else state.value

    def encode(self, state: LatestEvent) -> str:
        return canonical_json([state.time_us, state.source, state.id, number_text(state.value)])

    def decode(self, text: str) -> LatestEvent:
        time_us, source, event_id, value = json.loads(text)
        return LatestEvent(time_us, source, event_id, Decimal(value))

    def replaces(self, later: PartQuantity, known: PartQuantity) -> bool:  # noqa: ARG002
        return later.events > 0

    def deciding(self, events: Sequence[EventQuantity]) -> frozenset[int]:
        return frozenset(range(len(events))[-1:])

    def describe(self, event: str, of: str | None) -> str:
        return f'"{of}" of the latest {event} event'


AGGREGATE = Last()
