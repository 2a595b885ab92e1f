"""What the host's product reports in the demo and in the line suite, and what should become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from partnergate.playground.cast import ACME, GLOBEX, INITECH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.login.http_login import Login
    from partnergate.model.partner import PartnerId

SOURCE: Final = "https://app.host.example/tasks"
UNKNOWN_SESSION: Final = "AAAAAAAAAAAAAAAAAAAAAAAA"
TASKS: Final = {ACME: Decimal(1260), GLOBEX: Decimal(40), INITECH: Decimal(107)}
"""What the meter ``Tasks`` should show, whatever was sent twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One event as it is sent, and what the sidecar should answer."""

    event: Mapping[str, Any]
    status: str
    whose: PartnerId | None


def story_time(logins: Mapping[tuple[str, str], Login]) -> datetime:
    """When the usage happens: in the second after the last login."""
    return datetime.fromtimestamp(max(login.claims["iat"] for login in logins.values()) + 1, UTC)


def usage_story(logins: Mapping[tuple[str, str], Login]) -> tuple[Reported, ...]:
    """By session, by user and by the partner's own subject; one twice, one of nobody."""
    at = story_time(logins)

    def event(number: str, subject: str, quantity: int) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": SOURCE,
            "id": number,
            "type": "task.run",
            "time": at.isoformat().replace("+00:00", "Z"),
            "subject": subject,
            "data": {"quantity": quantity},
        }

    ann, sam = logins[ACME, "ann"], logins[ACME, "sam"]
    greta, ivan, mona = logins[GLOBEX, "greta"], logins[INITECH, "ivan"], logins[INITECH, "mona"]
    sams_subject = sam.claims["preferred_username"].removeprefix(f"{ACME}.")
    first = event("task-1", f"session:{ann.session_id}", 1200)
    return (
        Reported(event=first, status="accepted", whose=ACME),
        Reported(event=event("task-2", f"{ACME}:{sams_subject}", 60), status="accepted", whose=ACME),
        Reported(event=event("task-3", f"session:{greta.session_id}", 40), status="accepted", whose=GLOBEX),
        Reported(event=event("task-4", f"user:{ivan.user_id}", 7), status="accepted", whose=INITECH),
        Reported(event=event("task-5", f"session:{mona.session_id}", 100), status="accepted", whose=INITECH),
        Reported(event=first, status="duplicate", whose=ACME),
        Reported(event=event("task-6", f"session:{UNKNOWN_SESSION}", 5), status="parked", whose=None),
    )
