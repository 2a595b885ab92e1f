"""The activity of users by time: logins and, where the agreement counts them, refreshes and usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.model.agreement import ActiveUsersMeter
from partnergate.model.instants import from_ms, to_ms
from partnergate.store.meters.active_users import refreshes_between, usage_between

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.statements.reconciliation.requested import RecordRequest

_LOGINS = sa.text(
    "SELECT l.event_id AS id, l.time_ms, r.seen_ms, l.session_id, l.subject, l.user_id, l.excluded "
    "FROM logins l JOIN raw_events r ON r.realm = l.realm AND r.id = l.event_id WHERE l.realm = :realm "
    "AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end ORDER BY l.time_ms, l.event_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One login, or the first refresh of a session or use of the product in a quarter of an hour."""

    id: str
    time: datetime
    subject: str
    """The key of the partner-side identifier."""
    user_id: str
    excluded: str
    counts: bool
    """Whether its kind makes a user active by the agreement; a login always counts for other meters."""
    session: str = ""
    seen: datetime | None = None
    """When it was received; None if that is not stored."""


def activity(connection: Connection, realm: str, request: RecordRequest) -> list[Activity]:
    """Return all activity in reach that a partner may count as an active user or as a login."""
    return sorted(_all(connection, realm, request), key=lambda one: (one.time, one.id))


def _all(connection: Connection, realm: str, request: RecordRequest) -> Iterator[Activity]:
    start, end = request.reach
    people = isinstance(request.charge.meter, ActiveUsersMeter)
    values = {"realm": realm, "partner": request.partner, "start": to_ms(start), "end": to_ms(end)}
    for row in connection.execute(_LOGINS, values):
        yield Activity(
            id=row.id,
            time=from_ms(row.time_ms),
            seen=from_ms(row.seen_ms),
            session=row.session_id or "",
            subject=row.subject or "",
            user_id=row.user_id or "",
            excluded=row.excluded or "",
            counts=not people or "login" in request.rule.by,
        )
    if not people:
        return
    for kind, read in (("refresh", refreshes_between), ("usage", usage_between)):
        if kind not in request.rule.by:
            continue
        for found in read(connection, realm, request.partner, start, end):
            person = found.subject or found.user_id
            yield Activity(
                id=f"{kind} {person[:12]} {found.time:%Y-%m-%dT%H:%M:%SZ}",
                time=found.time,
                subject=found.subject,
                user_id=found.user_id,
                excluded=found.excluded,
                counts=True,
            )
