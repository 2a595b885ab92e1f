"""Which records of the host a reconciliation asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.attribution.outcome import Exclusion
from partnergate.statements.reconciliation.records import HostStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

    from partnergate.model.agreement import ActiveUserRule, Charge

STATUS_OF_EXCLUSION = {
    Exclusion.TEST_USER.value: HostStatus.TEST_USER,
    Exclusion.STAGING.value: HostStatus.TEST_USER,
    Exclusion.SUSPENDED.value: HostStatus.SUSPENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The records of one charge of one partner."""

    partner: str
    charge: Charge
    rule: ActiveUserRule
    time_zone: str
    period: tuple[datetime, datetime]
    """What is distinct is counted once in it."""
    reach: tuple[datetime, datetime]
    """What is read; beyond the period lie the records of its edges."""
    final_at: datetime | None
    price_at: Callable[[datetime], Decimal]
    """What a unit costs that was used at an instant."""
