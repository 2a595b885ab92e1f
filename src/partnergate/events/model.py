"""Keycloak's login events as they were read, before anything is concluded from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

EventId = NewType("EventId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEvent:
    """One event of the Admin API, kept once under ``(realm, id)``; times are UTC, to the millisecond."""

    realm: str
    id: EventId
    time: datetime
    type: str
    client_id: str | None
    user_id: str | None
    session_id: str | None
    ip_address: str | None
    error: str | None
    details: Mapping[str, str]

    @property
    def identity_provider(self) -> str | None:
        """The alias that brokered this event; attacker's text in error events, so never trust it there."""
        return self.details.get("identity_provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span ``[start, end)`` of which events may be lost; statements it touches are incomplete."""

    realm: str
    start: datetime
    end: datetime
    reason: str
    """``retention``, ``events_disabled``, ``events_cleared`` or ``history_changed``."""
