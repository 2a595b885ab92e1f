"""Events in transit: as the server returns them, and as they may be stored.

Both are as light as can be, because some twenty thousand a second pass here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

CLOCK_GRAIN_MS: Final = 2_000
"""What the server says of its time lacks the fraction of a second, so its clock may be this much further."""
FUTURE_BOUND_MS: Final = 300_000
"""An event further ahead of the server's clock than this has a wrong time; it is kept and not believed."""


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
    """One event of the Admin API with everything that it says, personal data included. Never stored.

    Read from the server's JSON as it stands; what is not named here is skipped. The collector need not
    know these: they hold text alone.
    """

    time_ms: int
    type: str
    id: str | None = None
    """None where a server gives none."""
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    error: str | None = None
    details: dict[str, str | None] | None = None


class RawEvent(NamedTuple):
    """One event as it is kept for ever: no IP address, no name, no e-mail address, no partner identifier."""

    realm: str
    id: str
    time_ms: int
    seen_ms: int
    """The server's clock when the event was read first."""
    type: str
    client_id: str | None
    user_id: str | None
    session_id: str | None
    alias: str | None
    """The provider that brokered; in an error event only what somebody claimed."""
    subject: str | None
    """The person, as a ``SubjectKey``."""
    error: str | None
    email_domain: str | None
    email_key: str | None
    details: str | None
    """Canonical JSON of the few details that attribution reads."""

    @property
    def from_the_future(self) -> bool:
        """Whether its time cannot be believed."""
        return self.time_ms > self.seen_ms + FUTURE_BOUND_MS
