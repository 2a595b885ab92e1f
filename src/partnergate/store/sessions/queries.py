"""Queries about sessions for other packages. Spans are half-open; instants have a time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.concluding import ended
from partnergate.attribution.outcome import (
    AttributedSession,
    Exclusion,
    SubjectKey,
    UnattributedReason,
    UnattributedSession,
)
from partnergate.attribution.session_state import clients_of
from partnergate.events.event_ids import EventId
from partnergate.model.instants import from_ms, to_ms
from partnergate.model.partner import Alias, PartnerId

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.attribution.partner_history import Registry

Session = AttributedSession | UnattributedSession

_SESSION = (
    "SELECT s.realm, s.session_id, s.partner, s.alias, s.subject, s.login_user, s.first_user, s.started_ms,"
    " s.ended_ms, s.end_reason, s.login_id, s.first_id, s.clients, s.marks, s.reason, s.excluded,"
    " COALESCE(c.position_ms, 0) AS known_ms"
    " FROM sessions s LEFT JOIN cursors c ON c.realm = s.realm"
)


def session_of(connection: Connection, realm: str, session_id: str, registry: Registry) -> Session | None:
    """Return the session with that ID, or None before its first event was read."""
    row = connection.execute(
        sa.text(f"{_SESSION} WHERE s.realm = :realm AND s.session_id = :id"),
        {"realm": realm, "id": session_id},
    ).one_or_none()
    return None if row is None else _session(row, registry)


def first_session_at(connection: Connection, realm: str, partner: PartnerId) -> datetime | None:
    """Return the start of the partner's first session, or None if there was no session."""
    found = connection.execute(
        sa.text("SELECT MIN(started_ms) FROM sessions WHERE realm = :realm AND partner = :partner"),
        {"realm": realm, "partner": partner},
    ).scalar()
    return None if found is None else from_ms(found)


def unattributed(
    connection: Connection, realm: str, start: datetime, end: datetime
) -> tuple[tuple[UnattributedReason, int], ...]:
    """Unattributed sessions that started in the span, counted by reason."""
    rows = connection.execute(
        sa.text(
            "SELECT reason, COUNT(*) AS number FROM sessions WHERE realm = :realm AND reason IS NOT NULL"
            " AND started_ms >= :start AND started_ms < :end GROUP BY reason ORDER BY reason"
        ),
        {"realm": realm, "start": to_ms(start), "end": to_ms(end)},
    )
    return tuple((UnattributedReason(row.reason), row.number) for row in rows)


def _session(row: Any, registry: Registry) -> Session:
    if row.partner is None:
        return UnattributedSession(
            realm=row.realm,
            session_id=row.session_id,
            started_at=from_ms(row.started_ms),
            reason=UnattributedReason(row.reason),
            login_event=EventId(row.login_id or row.first_id),
        )
    over, why = ended(
        (row.ended_ms, row.end_reason),
        row.started_ms,
        row.marks,
        lifespan_ms=registry.rules_at(row.started_ms).lifespan_s * 1000,
        known_ms=row.known_ms,
    )
    return AttributedSession(
        realm=row.realm,
        session_id=row.session_id,
        partner=PartnerId(row.partner),
        alias=Alias(row.alias),
        subject=SubjectKey(row.subject or ""),
        user_id=row.login_user or "",
        started_at=from_ms(row.started_ms),
        ended_at=None if over is None else from_ms(over),
        end_reason=why,
        login_event=EventId(row.login_id),
        clients=tuple(sorted(clients_of(row.clients))),
        excluded=Exclusion(row.excluded) if row.excluded else None,
    )
