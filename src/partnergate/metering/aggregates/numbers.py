"""What aggregates of a numeric field share."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partnergate.metering.aggregates.aggregate import Aggregate
from partnergate.model.decimals import number_text
from partnergate.model.event_data import ZERO, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.model.event_data import Scalar


class NumberAggregate(Aggregate):
    """Reads a number from the field; its state is one exact number unless it says otherwise."""

    def measure(self, value: Scalar) -> int | Decimal | None:
        """The number. A whole number stays an ``int``: computing with it is faster and as exact."""
        return value if type(value) is int else number_of(value)

    def value(self, count: int, state: Any) -> Decimal:  # noqa: ARG002
        return ZERO if state is None else Decimal(state)

    def encode(self, state: Any) -> str:
        return number_text(state)

    def decode(self, text: str) -> Any:
        return Decimal(text)

    def event_quantity(self, value: Scalar) -> Decimal | None:
        return number_of(value)

    def why_unmeasured(self, data: Mapping[str, Scalar], of: str | None) -> str | None:
        return None if number_of(data.get(of or "")) is not None else f"its data has no number in {of}"
