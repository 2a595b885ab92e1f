"""The stored records that a trace reads, and the port that finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.attribution.outcome import AttributedSession, UnattributedSession
    from partnergate.metering.usage import UsageAttribution, UsageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFact:
    """A usage event, its owner, and the time of receipt."""

    event: UsageEvent
    owner: UsageAttribution
    received: datetime
    corrections: tuple[UsageEvent, ...] = ()
    """Events that amend or void it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFact:
    """A stored login event, successful or failed."""

    id: str
    time: datetime
    read: datetime
    """The server's clock when it was read."""
    type: str
    error: str | None
    session: str | None
    alias: str | None
    subject: str | None
    """The subject key of the user."""
    partner: str | None
    reason: str | None
    """Why the login is unattributed."""
    excluded: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFact:
    """The partner of a provider at a time, and the file that assigned it."""

    alias: str
    partner: str
    file: str
    sha256: str
    commit: str
    since: datetime | None
    """When the version of the file took effect; None for the first version, which has no start."""


class TraceReader(Protocol):
    """Finds the records of one realm."""

    def usage_event(self, event_id: str, source: str | None) -> tuple[UsageFact, ...]:
        """Return the events with that ID, of one source or of all."""
        ...

    def usage_of(
        self, partner: str, event_type: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[UsageFact, ...]:
        """Return the partner's usage events of a type, oldest first."""
        ...

    def logins_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """Return the partner's logins, oldest first."""
        ...

    def people_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """Return the first billed login of each user, oldest first."""
        ...

    def first_logins(
        self, partner: str, start: datetime, end: datetime, subjects: Sequence[str]
    ) -> dict[str, LoginFact]:
        """Return the first billed login in the interval by subject."""
        ...

    def login(self, event_id: str) -> LoginFact | None:
        """Return the login event, or None."""
        ...

    def session(self, session_id: str) -> AttributedSession | UnattributedSession | None:
        """Return the session, or None."""
        ...

    def provider(self, alias: str, at: datetime) -> ProviderFact | None:
        """Return the partner of the provider at a time, or None."""
        ...
