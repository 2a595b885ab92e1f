"""What the reader needs of Keycloak and of the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.events.event_ids import Gap
    from partnergate.events.seen import SeenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvents:
    """Which events the server keeps, and for how long (``GET /events/config``)."""

    enabled: bool
    types: frozenset[str]
    """Empty means the server's own list."""
    expiration_s: int
    """0 keeps events for ever."""


class EventSource(Protocol):
    """Keycloak's user events. Each call raises ``KeycloakError`` when it fails."""

    def events(self, realm: str, start_ms: int, end_ms: int, first: int, most: int) -> Sequence[SeenEvent]:
        """Up to ``most`` events with ``start_ms <= time <= end_ms`` after the ``first`` ones, oldest first.

        Events of one millisecond come in any order, another one each time.
        """
        ...

    def settings(self, realm: str) -> StoredEvents:
        """What the realm keeps now."""
        ...

    def server_time(self, realm: str) -> int:
        """The server's clock in milliseconds, exact to a second; the fraction is dropped."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a realm has been read."""

    first_ms: int
    """From here on everything is kept, gaps aside."""
    position_ms: int
    """Every event with an earlier time has been read, unless it was committed later than the overlap."""
    settings: StoredEvents | None = None
    """As last seen."""
    settings_ms: int = 0
    """When they were seen last."""
    cleared_ms: int = 0
    """The server's events from before are known to be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Moves a cursor in the transaction that keeps the events before it."""

    first_ms: int
    position_ms: int


class EventKeeper(Protocol):
    """Where events go. Each call is one transaction, and raises ``StoreError`` when it fails."""

    def cursor(self, realm: str) -> Cursor | None:
        """Where to go on; none when the realm was never read."""
        ...

    def keep(self, realm: str, events: Sequence[SeenEvent], *, seen_ms: int, advance: Advance | None) -> int:
        """Keep each event once, conclude what follows from it, move the cursor; how many were new."""
        ...

    def note_settings(self, realm: str, settings: StoredEvents, at_ms: int) -> None:
        """Remember what the realm kept at that instant."""
        ...

    def note_gaps(self, gaps: Sequence[Gap]) -> None:
        """Remember spans of which events may be lost. Those of one reason that touch become one."""
        ...

    def count(self, realm: str, start_ms: int, end_ms: int) -> int:
        """How many events are kept with ``start_ms <= time < end_ms``."""
        ...

    def latest(self, realm: str, before_ms: int) -> tuple[str, int] | None:
        """Id and time of the last event kept before an instant."""
        ...
