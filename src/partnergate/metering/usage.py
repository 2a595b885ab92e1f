"""Usage events of the host's product, and the quantities that meters make of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from partnergate.attribution.outcome import Exclusion, SubjectKey, UnattributedReason
    from partnergate.model.event_data import Scalar
    from partnergate.model.partner import PartnerId


class SubjectKind(StrEnum):
    """What a usage event names as its subject."""

    SESSION = "session"
    USER = "user"
    PARTNER_USER = "partner_user"
    NONE = "none"
    """A correction: it takes the subject of the event it corrects."""


class UsageAction(StrEnum):
    """What a usage event does to the ledger."""

    RECORD = "record"
    AMEND = "amend"
    """Replaces the data of an earlier event; the original stays stored."""
    VOID = "void"
    """Takes an earlier event out of every quantity; the original stays stored."""


class UsageEvent(NamedTuple):
    """A CloudEvent: what was consumed, when, by whom. ``(source, id)`` is the permanent idempotency key.

    A tuple because one is made of every event that comes, and making a dataclass takes five times as long.
    """

    source: str
    id: str
    type: str
    time: datetime
    subject_kind: SubjectKind
    subject: str
    data: Mapping[str, Scalar]
    """Flat; numbers are exact."""
    action: UsageAction = UsageAction.RECORD
    target: str = ""
    """For a correction the id of the event it corrects, which has the same source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAttribution:
    """The partner of a usage event; exactly one of ``partner`` and ``reason`` is set."""

    partner: PartnerId | None
    session_id: str | None
    reason: UnattributedReason | None
    subject: SubjectKey | None = None
    """The person, where one is known."""
    excluded: Exclusion | None = None
    """Why it is not billed although it is attributed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSet:
    """The billable records that a quantity counts: how many, and one hash over them in any order."""

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
    event_values: tuple[Decimal, ...] = ()
    """The measured value of each event in order of time, where a price needs them one by one."""
    excluded: tuple[tuple[str, int], ...] = ()
    """(reason, number) of facts that the meter would have counted and that are not billed, sorted."""
    unmeasured: int = 0
    """Events of the right type without the field in their data, or without a number in it."""
