"""The facts that a trace walks over, and the narrow port that finds them."""

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
    """A usage event, whose it is, and when it came."""

    event: UsageEvent
    owner: UsageAttribution
    received: datetime
    corrections: tuple[UsageEvent, ...] = ()
    """Events that amend or void it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFact:
    """A login event as it was kept, good or failed."""

    id: str
    time: datetime
    read: datetime
    """The server's clock when it was read."""
    type: str
    error: str | None
    session: str | None
    alias: str | None
    subject: str | None
    """The person's key."""
    partner: str | None
    reason: str | None
    """Why it is of no partner."""
    excluded: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFact:
    """Whose a provider was at an instant, and which file said so."""

    alias: str
    partner: str
    file: str
    sha256: str
    commit: str
    since: datetime | None
    """From when the file's version was in force; none for the first, which holds from the beginning."""


class TraceReader(Protocol):
    """Finds facts of one realm."""

    def usage_event(self, event_id: str, source: str | None) -> tuple[UsageFact, ...]:
        """The events of that id, of one source or of all."""
        ...

    def usage_of(
        self, partner: str, event_type: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[UsageFact, ...]:
        """The partner's usage events of a type, oldest first."""
        ...

    def logins_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """The partner's logins, oldest first."""
        ...

    def people_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """The first billed login of each person, oldest first."""
        ...

    def first_logins(
        self, partner: str, start: datetime, end: datetime, subjects: Sequence[str]
    ) -> dict[str, LoginFact]:
        """The first billed login of each of the people in the span."""
        ...

    def login(self, event_id: str) -> LoginFact | None:
        """A login event."""
        ...

    def session(self, session_id: str) -> AttributedSession | UnattributedSession | None:
        """A session."""
        ...

    def provider(self, alias: str, at: datetime) -> ProviderFact | None:
        """Whose the provider was."""
        ...
