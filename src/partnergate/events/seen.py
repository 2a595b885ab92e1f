"""Events in transit: as the server returns them, and as they may be stored.

Both types are as light as possible, because about 20,000 events a second pass through them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

CLOCK_GRAIN_MS: Final = 2_000
"""The server reports its time without the fraction of a second, so its clock may be ahead by this much."""
FUTURE_BOUND_MS: Final = 300_000
"""An event further ahead of the server's clock than this is stored but does not count."""


class SeenEvent(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "time_ms": "time",
        "client_id": "clientId",
        "user_id": "userId",
        "session_id": "sessionId",
    },
):
    """One event of the Admin API with all its fields, including personal data. Never stored.

    Decoded directly from the server's JSON; other keys are skipped. The garbage collector does not track
    these objects, because they contain only text.
    """

    time_ms: int
    type: str
    id: str | None = None
    """None if the server returns no ID."""
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    error: str | None = None
    details: dict[str, str | None] | None = None


class RawEvent(NamedTuple):
    """One event as it is stored: no IP address, no name, no email address, no partner identifier."""

    realm: str
    id: str
    time_ms: int
    seen_ms: int
    """The server's clock when the event was first read."""
    type: str
    client_id: str | None
    user_id: str | None
    session_id: str | None
    alias: str | None
    """The provider of the brokered login; in an error event, an unverified claim."""
    subject: str | None
    """The user, as a ``SubjectKey``."""
    error: str | None
    email_domain: str | None
    email_key: str | None
    details: str | None
    """Canonical JSON of the few details that attribution reads."""

    @property
    def is_future(self) -> bool:
        """Whether the timestamp is in the future, so that the event does not count."""
        return self.time_ms > self.seen_ms + FUTURE_BOUND_MS
