"""A measured quantity: what a price model is given to price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - as in the other values

from partnergate.model.decimals import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A quantity to price: its value, the number of events, and each event's value if a price needs it."""

    value: Decimal = ZERO
    events: int = 0
    event_values: tuple[Decimal, ...] = ()
    """In the order of the events' times."""

    def plus(self, other: Measured) -> Measured:
        """Return both quantities as one; the events of this one come first."""
        return Measured(
            value=self.value + other.value,
            events=self.events + other.events,
            event_values=self.event_values + other.event_values,
        )
