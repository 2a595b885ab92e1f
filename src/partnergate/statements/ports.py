"""The ports through which statements read records and the completeness of an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from partnergate.metering.ports import QuantityReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from partnergate.events.event_ids import Gap
    from partnergate.model.partner import PartnerId


class FactReader(QuantityReader, Protocol):
    """The records of one environment, and their completeness."""

    def read_until(self) -> datetime | None:
        """Return the instant before which every event is read; none if no event was ever read."""
        ...

    def gaps(self, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """Return the spans of lost events that overlap ``[start, end)``."""
        ...

    def suspensions(
        self, partner: PartnerId, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """Return the spans in ``[start, end)`` in which the partner was suspended or retired, in order."""
        ...

    def kept(self, kind: str, start: datetime, end: datetime) -> bool:
        """Whether the realm is known to have stored login events of that type all the time."""
        ...

    def unattributed(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Return the number of unattributed sessions and usage events in the span, by reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCredit:
    """The credit of a resolved dispute that no statement carries yet."""

    dispute: str
    statement: str
    line: int
    amount: Decimal
    reason: str
