"""The interfaces of the store that the usage API and billing use."""

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
    """The outcome for one event of a request. A bounded set, because it labels metrics."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """Already stored with the same content; nothing changed."""
    CONFLICT = "conflict"
    """Already stored with other content, which stays."""
    PARKED = "parked"
    """Stored; its login, or the event that it corrects, has not been received yet."""
    QUARANTINED = "quarantined"
    """Stored and not counted: its timestamp is more than five minutes after it was received."""


class UsageLedger(Protocol):
    """Stores usage events, each key exactly once."""

    def append(self, realm: str, events: Sequence[UsageEvent], received: datetime) -> tuple[Receipt, ...]:
        """Store all events in one transaction, and return one receipt for each event, in order."""
        ...


class QuantityReader(Protocol):
    """Returns the quantities that a partner used in an interval."""

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
