"""What statements need of a store, in the language of the domain. Reading and writing are separate."""

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
    """The facts of one environment, and how complete they are."""

    def read_until(self) -> datetime | None:
        """Every event before this instant is read; none when nothing ever was."""
        ...

    def gaps(self, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """The spans of lost events that share an instant with ``[start, end)``."""
        ...

    def suspensions(
        self, partner: PartnerId, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """The spans inside ``[start, end)`` in which the partner was suspended or retired, in order."""
        ...

    def kept(self, kind: str, start: datetime, end: datetime) -> bool:
        """Whether the realm is known to have stored login events of that kind all along."""
        ...

    def unattributed(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Return the number of unattributed sessions and usage events in the span, by reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCredit:
    """A dispute that ended in a credit which no statement carries yet."""

    dispute: str
    statement: str
    line: int
    amount: Decimal
    reason: str
