"""``count``: the number of events."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partnergate.metering.aggregates.aggregate import Aggregate, MeterExample
from partnergate.model.agreement import AggregateName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent
    from partnergate.model.event_data import Scalar


class Count(Aggregate):
    """Every event counts as one. There is no state besides the number of events."""

    name = AggregateName("count")
    meaning = "the number of events"
    example = MeterExample(of=None, data=({"units": 3}, {"units": 4}), quantity="2")
    often = ("number", "events")
    reads_field = False

    def measure(self, value: Scalar) -> Decimal:  # noqa: ARG002
        return Decimal(1)

    def fold(self, measured: Sequence[tuple[int, Any]], events: Sequence[CountedEvent]) -> None:  # noqa: ARG002
        return None

    def merge(self, one: Any, other: Any) -> None:  # noqa: ARG002
        return None

    def value(self, count: int, state: Any) -> Decimal:  # noqa: ARG002
        return Decimal(count)

    def event_quantity(self, value: Scalar) -> Decimal:  # noqa: ARG002
        return Decimal(1)

    def describe(self, event: str, of: str | None) -> str:  # noqa: ARG002
        return f"number of {event} events"


AGGREGATE = Count()
