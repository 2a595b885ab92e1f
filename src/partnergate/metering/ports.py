"""What the usage API and the billing side need of a store, in the language of the domain."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.metering.usage import Quantity, UsageEvent
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerId


class Receipt(StrEnum):
    """What became of one event that was sent. A bounded set: it labels metrics."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """Known with the same content; nothing was changed."""
    CONFLICT = "conflict"
    """Known with other content; the first content stays."""
    PARKED = "parked"
    """Kept; its login, or the event it corrects, is not known yet."""
    QUARANTINED = "quarantined"
    """Kept and not counted: its time lies more than five minutes after it was received."""


class UsageLedger(Protocol):
    """Takes usage events for ever, each key once."""

    def append(self, realm: str, events: Sequence[UsageEvent], received: datetime) -> tuple[Receipt, ...]:
        """Keep all events in one transaction; one receipt an event, in order."""
        ...


class QuantityReader(Protocol):
    """Answers what a partner used in a span."""

    def quantities(
        self,
        partner: PartnerId,
        agreement: Agreement,
        start: datetime,
        end: datetime,
        *,
        whole: tuple[datetime, datetime] | None = None,
    ) -> tuple[Quantity, ...]:
        """One quantity for each metered charge and split, in the order of the agreement.

        ``whole`` is the period that the span is a part of, when a price changes inside it.
        """
        ...
