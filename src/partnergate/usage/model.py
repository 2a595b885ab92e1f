"""Usage events of the host's product, and the quantities that meters make of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from partnergate.attribution.model import UnattributedReason
    from partnergate.spec.model import PartnerId


class SubjectKind(StrEnum):
    """What a usage event names as its subject."""

    SESSION = "session"
    USER = "user"
    PARTNER_USER = "partner_user"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent:
    """A CloudEvent: what was consumed, when, by whom. ``(source, id)`` is the permanent idempotency key."""

    source: str
    id: str
    type: str
    time: datetime
    subject_kind: SubjectKind
    subject: str
    data: Mapping[str, str | Decimal | bool | None]
    """Flat; numbers are exact decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAttribution:
    """Whose a usage event is; exactly one of ``partner`` and ``reason`` is set."""

    partner: PartnerId | None
    session_id: str | None
    reason: UnattributedReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSet:
    """The facts that a quantity counts: how many, and one hash over their sorted identities."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What one meter measured in ``[start, end)``, for one value of its dimensions."""

    meter: str
    """The charge's name."""
    start: datetime
    end: datetime
    value: Decimal
    dimensions: tuple[tuple[str, str], ...] = ()
    facts: FactSet | None = None
    events: int = 0
    """Usage events counted; what a percentage's fixed fee is due on."""
