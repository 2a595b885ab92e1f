"""What others ask about sessions, logins and people. Spans are half-open, instants aware."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.concluding import ended
from partnergate.attribution.model import (
    AttributedSession,
    AttributionConflict,
    Exclusion,
    SubjectKey,
    UnattributedReason,
    UnattributedSession,
)
from partnergate.attribution.session_state import clients_of
from partnergate.events.instants import from_ms, to_ms
from partnergate.events.model import EventId
from partnergate.spec.model import Alias, PartnerId

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.attribution.registry import Registry

Session = AttributedSession | UnattributedSession

_SESSION = (
    "SELECT s.realm, s.session_id, s.partner, s.alias, s.subject, s.login_user, s.first_user, s.started_ms,"
    " s.ended_ms, s.end_reason, s.login_id, s.first_id, s.clients, s.marks, s.reason, s.excluded,"
    " COALESCE(c.position_ms, 0) AS known_ms"
    " FROM sessions s LEFT JOIN cursors c ON c.realm = s.realm"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One brokered login that counts for its session's partner."""

    realm: str
    event: EventId
    time: datetime
    session_id: str
    alias: Alias
    subject: SubjectKey
    user_id: str
    excluded: Exclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A person of a partner was there: at a login, or first in a quarter of an hour by a refresh."""

    subject: SubjectKey
    user_id: str
    time: datetime
    kind: str
    """``login`` or ``refresh``."""
    excluded: Exclusion | None


def session_of(connection: Connection, realm: str, session_id: str, registry: Registry) -> Session | None:
    """The session of that id; none before its first event was read."""
    row = connection.execute(
        sa.text(f"{_SESSION} WHERE s.realm = :realm AND s.session_id = :id"),
        {"realm": realm, "id": session_id},
    ).one_or_none()
    return None if row is None else _session(row, registry)


def sessions_of_user(
    connection: Connection, realm: str, user_id: str, registry: Registry
) -> tuple[Session, ...]:
    """All sessions of a Keycloak user, oldest first."""
    rows = connection.execute(
        sa.text(
            f"{_SESSION} WHERE s.realm = :realm AND COALESCE(s.login_user, s.first_user) = :user"
            " ORDER BY s.started_ms, s.session_id"
        ),
        {"realm": realm, "user": user_id},
    )
    return tuple(_session(row, registry) for row in rows)


def partner_sessions(
    connection: Connection,
    realm: str,
    partner: PartnerId,
    start: datetime,
    end: datetime,
    *,
    registry: Registry,
) -> Iterator[AttributedSession]:
    """The partner's sessions that started in the span, excluded ones too, oldest first."""
    rows = connection.execute(
        sa.text(
            f"{_SESSION} WHERE s.realm = :realm AND s.partner = :partner"
            " AND s.started_ms >= :start AND s.started_ms < :end ORDER BY s.started_ms, s.session_id"
        ),
        _span(realm, partner, start, end),
        execution_options={"yield_per": 5_000},
    )
    for row in rows:
        found = _session(row, registry)
        if isinstance(found, AttributedSession):
            yield found


def first_session_at(connection: Connection, realm: str, partner: PartnerId) -> datetime | None:
    """When the partner's first session started; none before there was one."""
    found = connection.execute(
        sa.text("SELECT MIN(started_ms) FROM sessions WHERE realm = :realm AND partner = :partner"),
        {"realm": realm, "partner": partner},
    ).scalar()
    return None if found is None else from_ms(found)


def partner_logins(
    connection: Connection, realm: str, partner: PartnerId, start: datetime, end: datetime
) -> Iterator[Login]:
    """The brokered logins of the span in sessions of the same partner, excluded ones too, oldest first."""
    rows = connection.execute(
        sa.text(
            "SELECT l.realm, l.event_id, l.time_ms, l.session_id, l.alias, l.subject, l.user_id, l.excluded"
            " FROM logins l WHERE l.realm = :realm AND l.partner = :partner"
            " AND l.time_ms >= :start AND l.time_ms < :end ORDER BY l.time_ms, l.event_id"
        ),
        _span(realm, partner, start, end),
        execution_options={"yield_per": 5_000},
    )
    for row in rows:
        yield Login(
            realm=row.realm,
            event=EventId(row.event_id),
            time=from_ms(row.time_ms),
            session_id=row.session_id,
            alias=Alias(row.alias),
            subject=SubjectKey(row.subject or ""),
            user_id=row.user_id or "",
            excluded=Exclusion(row.excluded) if row.excluded else None,
        )


def partner_refreshes(
    connection: Connection,
    realm: str,
    partner: PartnerId,
    start: datetime,
    end: datetime,
    *,
    registry: Registry,
) -> Iterator[Activity]:
    """The first refresh of each session in each quarter of an hour, by its own instant, oldest first."""
    rows = connection.execute(
        sa.text(
            "SELECT r.first_ms, s.subject, s.login_user, s.excluded FROM refreshes r"
            " JOIN sessions s ON s.realm = r.realm AND s.session_id = r.session_id"
            " WHERE s.realm = :realm AND s.partner = :partner AND s.started_ms < :end AND s.last_ms >= :start"
            " AND r.first_ms >= :start AND r.first_ms < :end ORDER BY r.first_ms, r.session_id"
        ),
        _span(realm, partner, start, end),
        execution_options={"yield_per": 5_000},
    )
    for row in rows:
        excluded = Exclusion(row.excluded) if row.excluded else None
        yield Activity(
            subject=SubjectKey(row.subject or ""),
            user_id=row.login_user or "",
            time=from_ms(row.first_ms),
            kind="refresh",
            excluded=excluded or registry.exclusion_at(partner, row.subject, row.first_ms),
        )


def user_partner_at(connection: Connection, realm: str, user_id: str, at: datetime) -> PartnerId | None:
    """The partner of the user's last attributed login at or before an instant."""
    found = connection.execute(
        sa.text(
            "SELECT partner FROM logins WHERE realm = :realm AND user_id = :user AND time_ms <= :at"
            " AND partner IS NOT NULL ORDER BY time_ms DESC, event_id DESC LIMIT 1"
        ),
        {"realm": realm, "user": user_id, "at": to_ms(at)},
    ).scalar()
    return None if found is None else PartnerId(found)


def users_of_subject(connection: Connection, realm: str, subject: SubjectKey) -> tuple[str, ...]:
    """Every Keycloak user that a person was; more than one when the user was deleted and made again."""
    rows = connection.execute(
        sa.text(
            "SELECT DISTINCT user_id FROM logins WHERE realm = :realm AND subject = :subject"
            " AND user_id IS NOT NULL ORDER BY user_id"
        ),
        {"realm": realm, "subject": subject},
    )
    return tuple(row.user_id for row in rows)


def unattributed(
    connection: Connection, realm: str, start: datetime, end: datetime
) -> tuple[tuple[UnattributedReason, int], ...]:
    """Sessions that started in the span and belong to nobody, counted by reason."""
    rows = connection.execute(
        sa.text(
            "SELECT reason, COUNT(*) AS number FROM sessions WHERE realm = :realm AND reason IS NOT NULL"
            " AND started_ms >= :start AND started_ms < :end GROUP BY reason ORDER BY reason"
        ),
        {"realm": realm, "start": to_ms(start), "end": to_ms(end)},
    )
    return tuple((UnattributedReason(row.reason), row.number) for row in rows)


def conflicts(
    connection: Connection, realm: str, start: datetime, end: datetime
) -> tuple[AttributionConflict, ...]:
    """Logins that say another partner, or another person, than their session keeps."""
    rows = connection.execute(
        sa.text(
            "SELECT l.session_id, l.event_id, l.alias, s.partner FROM logins l"
            " JOIN sessions s ON s.realm = l.realm AND s.session_id = l.session_id"
            " WHERE l.realm = :realm AND l.time_ms >= :start AND l.time_ms < :end AND s.partner IS NOT NULL"
            " AND l.event_id <> s.login_id AND COALESCE(l.reason, '') <> 'future'"
            " AND (l.reason = 'conflict' OR COALESCE(l.subject, '') <> COALESCE(s.subject, ''))"
            " ORDER BY l.time_ms, l.event_id"
        ),
        {"realm": realm, "start": to_ms(start), "end": to_ms(end)},
    )
    return tuple(
        AttributionConflict(
            realm=realm,
            session_id=row.session_id,
            event=EventId(row.event_id),
            said=row.alias,
            kept=PartnerId(row.partner),
        )
        for row in rows
    )


def _span(realm: str, partner: PartnerId, start: datetime, end: datetime) -> dict[str, object]:
    return {"realm": realm, "partner": partner, "start": to_ms(start), "end": to_ms(end)}


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
