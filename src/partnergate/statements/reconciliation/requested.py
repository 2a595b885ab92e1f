"""The request of a reconciliation for records of the host, and the port that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from partnergate.attribution.outcome import Exclusion
from partnergate.statements.reconciliation.records import HostStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from partnergate.model.agreement import ActiveUserRule, Charge
    from partnergate.statements.reconciliation.records import HostRecord

STATUS_OF_EXCLUSION = {
    Exclusion.TEST_USER.value: HostStatus.TEST_USER,
    Exclusion.STAGING.value: HostStatus.TEST_USER,
    Exclusion.SUSPENDED.value: HostStatus.SUSPENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """The records of one charge of one partner."""

    partner: str
    charge: Charge
    rule: ActiveUserRule
    time_zone: str
    period: tuple[datetime, datetime]
    """Distinct users or values count once in it."""
    reach: tuple[datetime, datetime]
    """The span to read; it is wider than the period, to include the records around its edges."""
    final_at: datetime | None
    price_at: Callable[[datetime], Decimal]
    """Instant of use -> price of a unit."""


class HostRecords(Protocol):
    """Reads the records of the host in one realm."""

    def key_of(self, aliases: Sequence[str], subject: str) -> str | None:
        """Return the key of a user by the partner's identifier; none if the user is unknown."""
        ...

    def of_charge(self, request: RecordRequest, aliases: Sequence[str]) -> tuple[HostRecord, ...]:
        """Return every record that the charge counts or could have counted, oldest first."""
        ...
