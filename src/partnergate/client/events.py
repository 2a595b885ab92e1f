"""Usage events as CloudEvents 1.0 that are valid by construction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

Data = Mapping[str, str | int | Decimal | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. ``(source, id)`` is its permanent idempotency key."""

    source: str
    id: str
    type: str
    time: datetime
    subject: str
    data: Data

    def document(self) -> dict[str, Any]:
        """The event as JSON values, except that decimals stay exact."""
        return {
            "specversion": "1.0",
            "source": self.source,
            "id": self.id,
            "type": self.type,
            "time": self.time.isoformat(),
            "subject": self.subject,
            "datacontenttype": "application/json",
            "data": dict(self.data),
        }


def new_event(
    *,
    source: str,
    type: str,  # noqa: A002 - the name that CloudEvents has for it
    subject: str,
    data: Data,
    id: str = "",  # noqa: A002
    time: datetime | None = None,
) -> Event:
    """Create an event. ``id`` defaults to a new UUID, ``time`` to the present.

    Raises ``ValueError`` when ``time`` has no time zone.
    """
    at = datetime.now(UTC) if time is None else time
    if at.tzinfo is None:
        raise ValueError("the time of an event needs a time zone")
    return Event(source=source, id=id or str(uuid4()), type=type, time=at, subject=subject, data=data)
