"""The interfaces of Keycloak and of the store that the reader uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.events.event_ids import Gap
    from partnergate.events.seen import SeenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvents:
    """Which events the server stores, and for how long (``GET /events/config``)."""

    enabled: bool
    types: frozenset[str]
    """Empty means the server's default list."""
    expiration_s: int
    """0 means that events never expire."""


class EventSource(Protocol):
    """Keycloak's user events. Each call raises ``KeycloakError`` when it fails."""

    def events(self, realm: str, start_ms: int, end_ms: int, first: int, most: int) -> Sequence[SeenEvent]:
        """Return up to ``most`` events with ``start_ms <= time <= end_ms``, oldest first.

        Skips the ``first`` events.
        The order of events with the same millisecond differs from call to call.
        """
        ...

    def settings(self, realm: str) -> StoredEvents:
        """Return the event settings of the realm."""
        ...

    def server_time(self, realm: str) -> int:
        """Return the server's clock in milliseconds, truncated to the second."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a realm has been read."""

    first_ms: int
    """Every event since this time is stored, except in gaps."""
    position_ms: int
    """Every event with an earlier time has been read, unless it was committed later than the overlap."""
    settings: StoredEvents | None = None
    """The settings that were read last."""
    settings_ms: int = 0
    """When the settings were read last."""
    cleared_ms: int = 0
    """The server has deleted its events from before this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The new position of a cursor, written in the same transaction as the events before it."""

    first_ms: int
    position_ms: int


class EventKeeper(Protocol):
    """The store of events. Each call is one transaction, and raises ``StoreError`` when it fails."""

    def cursor(self, realm: str) -> Cursor | None:
        """Return the position to continue from, or None if the realm was never read."""
        ...

    def keep(self, realm: str, events: Sequence[SeenEvent], *, seen_ms: int, advance: Advance | None) -> int:
        """Store each event once, attribute it, move the cursor, and return the number of new events."""
        ...

    def note_settings(self, realm: str, settings: StoredEvents, at_ms: int) -> None:
        """Record the event settings of the realm at a time."""
        ...

    def note_gaps(self, gaps: Sequence[Gap]) -> None:
        """Record gaps, in which events may be missing. Adjacent gaps with the same reason are merged."""
        ...

    def count(self, realm: str, start_ms: int, end_ms: int) -> int:
        """Return the number of stored events with ``start_ms <= time < end_ms``."""
        ...

    def latest(self, realm: str, before_ms: int) -> tuple[str, int] | None:
        """Return the ID and time of the last stored event before a time."""
        ...
