"""The usage events that the host's product reports in the demo, and the expected result of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from partnergate.model.instants import instant_text
from partnergate.playground.cast import ACME, GLOBEX, INITECH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.login.http_login import Login
    from partnergate.model.partner import PartnerId

SOURCE: Final = "https://app.host.example/tasks"
UNKNOWN_SESSION: Final = "AAAAAAAAAAAAAAAAAAAAAAAA"
TASKS: Final = {ACME: Decimal(1260), GLOBEX: Decimal(40), INITECH: Decimal(107)}
"""The expected quantity of the meter ``Tasks``; the event that is sent twice is counted exactly once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One event as it is sent, and the status that the sidecar should return."""

    event: Mapping[str, Any]
    status: str
    partner: PartnerId | None
    """The partner it should be attributed to; None when it should stay unattributed."""


def story_time(logins: Mapping[tuple[str, str], Login]) -> datetime:
    """The time of the usage: the second after the last login."""
    return datetime.fromtimestamp(max(login.claims["iat"] for login in logins.values()) + 1, UTC)


def usage_story(logins: Mapping[tuple[str, str], Login]) -> tuple[Reported, ...]:
    """Events by session, by user and by partner-side subject; one is sent twice, one stays unattributed."""
    at = story_time(logins)

    def event(number: str, subject: str, quantity: int) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": number,
            "type": "task.run",
            "time": instant_text(at),
            "subject": subject,
            "data": {"quantity": quantity},
        }

    ann, sam = logins[ACME, "ann"], logins[ACME, "sam"]
    greta, ivan, mona = logins[GLOBEX, "greta"], logins[INITECH, "ivan"], logins[INITECH, "mona"]
    sams_subject = sam.claims["preferred_username"].removeprefix(f"{ACME}.")
    first = event("task-1", f"session:{ann.session_id}", 1200)
    return (
        Reported(event=first, status="accepted", partner=ACME),
        Reported(event=event("task-2", f"{ACME}:{sams_subject}", 60), status="accepted", partner=ACME),
        Reported(event=event("task-3", f"session:{greta.session_id}", 40), status="accepted", partner=GLOBEX),
        Reported(event=event("task-4", f"user:{ivan.user_id}", 7), status="accepted", partner=INITECH),
        Reported(
            event=event("task-5", f"session:{mona.session_id}", 100), status="accepted", partner=INITECH
        ),
        Reported(event=first, status="duplicate", partner=ACME),
        Reported(event=event("task-6", f"session:{UNKNOWN_SESSION}", 5), status="parked", partner=None),
    )
