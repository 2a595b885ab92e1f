"""The result of attribution: the partner of a session or of usage, or the reason for none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.events.event_ids import EventId
    from partnergate.model.partner import Alias, PartnerId

SubjectKey = NewType("SubjectKey", str)
"""A keyed hash of (alias, partner subject); the only form in which a user is stored."""


class UnattributedReason(StrEnum):
    """Why a session or a usage event is unattributed. A bounded set: it labels metrics."""

    NO_PROVIDER = "no_provider"
    UNKNOWN_ALIAS = "unknown_alias"
    FOREIGN_CLIENT = "foreign_client"
    IMPERSONATION = "impersonation"
    SERVICE_ACCOUNT = "service_account"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_USER = "unknown_user"
    FUTURE = "future"
    CONFLICT = "conflict"
    """A login of one partner in a session of another."""


class Exclusion(StrEnum):
    """Attributed, but not billed."""

    TEST_USER = "test_user"
    SUSPENDED = "suspended"
    STAGING = "staging"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributedSession:
    """One Keycloak user session of one partner. It never changes."""

    realm: str
    session_id: str
    partner: PartnerId
    alias: Alias
    subject: SubjectKey
    user_id: str
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    """``logout``, ``expired``, ``suspended`` or ``lifespan``."""
    login_event: EventId
    clients: tuple[str, ...]
    excluded: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattributedSession:
    """An unattributed session, with the reason."""

    realm: str
    session_id: str
    started_at: datetime
    reason: UnattributedReason
    login_event: EventId
