"""Counts of the activity of each partner and of unattributed usage, for reports and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.events.gaps import keeps_logins
from partnergate.model.instants import from_ms, to_ms, to_us
from partnergate.store.sessions.ingest import latest_settings

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerActivity:
    """The activity of a partner's users in a span."""

    partner: str
    logins: int = 0
    sessions: int = 0
    users: int = 0
    usage_events: int = 0
    not_billed: int = 0
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattributedActivity:
    """The unattributed sessions and usage with one reason."""

    reason: str
    sessions: int
    usage_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmHealth:
    """How far a realm is read and its usage attributed; the position is None if it was never read."""

    position: datetime | None
    gaps: int
    events: int
    keeps_logins: bool | None
    """Whether the realm, as seen last, stores the events that attribution needs."""
    last_gap_end: datetime | None
    pending: int


def partner_activity(
    connection: Connection, realm: str, start: datetime, end: datetime
) -> tuple[PartnerActivity, ...]:
    """Return the activity of every partner with any in ``[start, end)``, by ID."""
    span = {
        "realm": realm,
        "start": to_ms(start),
        "end": to_ms(end),
        "start_us": to_us(start),
        "end_us": to_us(end),
    }
    logins = {row.partner: row for row in connection.execute(_LOGINS, span)}
    sessions = {row.partner: row for row in connection.execute(_SESSIONS, span)}
    usage = {row.partner: row for row in connection.execute(_USAGE, span)}
    found = []
    for partner in sorted(logins.keys() | sessions.keys() | usage.keys()):
        login, session, used = logins.get(partner), sessions.get(partner), usage.get(partner)
        seen = [
            *([] if login is None else [login.last_ms]),
            *([] if used is None else [used.last_us // 1000]),
        ]
        found.append(
            PartnerActivity(
                partner=partner,
                logins=0 if login is None else login.number,
                sessions=0 if session is None else session.number,
                users=0 if login is None else login.users,
                usage_events=0 if used is None else used.number,
                not_billed=0 if used is None else used.excluded,
                last_seen=from_ms(max(seen)) if seen else None,
            )
        )
    return tuple(found)


def unattributed_counts(connection: Connection, realm: str) -> tuple[UnattributedActivity, ...]:
    """All unattributed sessions and usage events, by reason."""
    sessions: dict[str, int] = {}
    usage: dict[str, int] = {}
    for row in connection.execute(_UNATTRIBUTED, {"realm": realm}):
        (usage if row.what else sessions)[row.reason] = row.number
    return tuple(
        UnattributedActivity(reason=r, sessions=sessions.get(r, 0), usage_events=usage.get(r, 0))
        for r in sorted(sessions.keys() | usage.keys())
    )


def realm_health(connection: Connection, realm: str) -> RealmHealth:
    """The counts that alerts are based on."""
    values = {"realm": realm}
    position = connection.execute(
        sa.text("SELECT position_ms FROM cursors WHERE realm = :realm"), values
    ).scalar()
    gaps = connection.execute(
        sa.text("SELECT count(*) AS number, max(end_ms) AS end_ms FROM gaps WHERE realm = :realm"), values
    ).one()
    events = connection.execute(
        sa.text("SELECT events FROM event_counts WHERE realm = :realm"), values
    ).scalar()
    settings = latest_settings(connection, realm)
    pending = connection.execute(_PENDING).scalar_one()
    return RealmHealth(
        position=None if position is None else from_ms(position),
        gaps=gaps.number,
        events=events or 0,
        keeps_logins=None if settings is None else keeps_logins(settings[0]),
        last_gap_end=None if gaps.end_ms is None else from_ms(gaps.end_ms),
        pending=pending,
    )


_LOGINS = sa.text(
    "SELECT partner, count(*) AS number, count(DISTINCT subject) AS users, max(time_ms) AS last_ms "
    "FROM logins WHERE realm = :realm AND partner IS NOT NULL "
    "AND time_ms >= :start AND time_ms < :end GROUP BY partner"
)
_SESSIONS = sa.text(
    "SELECT partner, count(*) AS number FROM sessions WHERE realm = :realm AND partner IS NOT NULL "
    "AND started_ms >= :start AND started_ms < :end GROUP BY partner"
)
_USAGE = sa.text(
    "SELECT o.partner, count(*) AS number, max(a.time_us) AS last_us, "
    "sum(CASE WHEN a.excluded <> '' THEN 1 ELSE 0 END) AS excluded "
    "FROM usage_owners o JOIN usage_attributed a ON a.owner_no = o.no "
    "WHERE o.realm = :realm AND a.type_no IN (SELECT no FROM usage_types) "
    "AND a.time_us >= :start_us AND a.time_us < :end_us GROUP BY o.partner"
)
_UNATTRIBUTED = sa.text(
    "SELECT what, reason, number FROM unattributed_counts WHERE realm = :realm AND number <> 0"
)
_PENDING = sa.text(
    "SELECT (SELECT coalesce(max(seq), 0) FROM usage_events) - "
    "coalesce((SELECT number FROM usage_state WHERE name = 'position'), 0)"
)
