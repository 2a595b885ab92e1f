"""The attributed events that another change may affect. Such changes are rare, so many rows may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.metering.attributing import CLOCK_SKEW
from partnergate.store.database.bulk import in_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_SKEW_US = int(CLOCK_SKEW.total_seconds()) * 1_000_000


def events_of_sessions(connection: Connection, realm: str, sessions: Sequence[str]) -> list[int]:
    """The attributed events that name one of the sessions or its user, in order."""
    users: set[str] = set()
    start: int | None = None
    for ids in in_chunks(sessions):
        for row in connection.execute(_SESSIONS, {"realm": realm, "sessions": ids}):
            if row.login_user:
                users.add(row.login_user)
            began = min(row.started_ms, row.first_ms) * 1000 - _SKEW_US
            start = began if start is None else min(start, began)
    names = set(sessions)
    found = connection.execute(_ATTRIBUTED, {"realm": realm, "start": start or -(2**62)})
    return [
        row.seq
        for part in found.partitions(10_000)
        for row in part
        if row.subject in (names if row.subject_kind == 1 else users)
    ]


def events_of_changes(connection: Connection, realm: str, after_ms: int) -> tuple[list[int], int]:
    """The events that partner versions recorded at or after an instant concern, and the last such instant."""
    changes = connection.execute(_VERSIONS, {"realm": realm, "after": after_ms}).all()
    rules = connection.execute(_RULES, {"realm": realm, "after": after_ms}).all()
    recorded = max((row.recorded_ms for row in (*changes, *rules)), default=after_ms)
    found: set[int] = set(connection.execute(_UNKNOWN_PARTNER, {"realm": realm}).scalars())
    for row in changes:
        values = {"realm": realm, "partner": row.partner, "start": max(row.since_ms, -(2**52)) * 1000}
        found.update(connection.execute(_OF_PARTNER, values).scalars())
    for row in rules:
        values = {"realm": realm, "start": max(row.since_ms, -(2**52)) * 1000}
        found.update(connection.execute(_OF_REALM, values).scalars())
    return sorted(found), recorded


_SESSIONS = sa.text(
    "SELECT login_user, started_ms, first_ms FROM sessions WHERE realm = :realm AND session_id IN :sessions"
).bindparams(sa.bindparam("sessions", expanding=True))
_ATTRIBUTED = sa.text(
    "SELECT a.seq, e.subject_kind, e.subject FROM usage_owners o "
    "JOIN usage_attributed a ON a.owner_no = o.no JOIN usage_events e ON e.seq = a.seq "
    "WHERE o.realm = :realm AND a.type_no IN (SELECT no FROM usage_types) AND a.time_us >= :start "
    "AND e.subject_kind IN (1, 2) ORDER BY a.seq"
)
_VERSIONS = sa.text(
    "SELECT partner, since_ms, recorded_ms FROM partner_versions "
    "WHERE realm = :realm AND recorded_ms >= :after"
)
_RULES = sa.text(
    "SELECT since_ms, recorded_ms FROM realm_versions WHERE realm = :realm AND recorded_ms >= :after"
)
_OF_PARTNER = sa.text(
    "SELECT a.seq FROM usage_owners o JOIN usage_attributed a ON a.owner_no = o.no "
    "WHERE o.realm = :realm AND o.partner = :partner AND a.type_no IN (SELECT no FROM usage_types) "
    "AND a.time_us >= :start"
)
_OF_REALM = sa.text(
    "SELECT a.seq FROM usage_owners o JOIN usage_attributed a ON a.owner_no = o.no "
    "WHERE o.realm = :realm AND a.type_no IN (SELECT no FROM usage_types) AND a.time_us >= :start"
)
_UNKNOWN_PARTNER = sa.text(
    "SELECT a.seq FROM usage_attributed a JOIN usage_events e ON e.seq = a.seq "
    "JOIN usage_sources s ON s.no = e.source_no WHERE a.reason = 'unknown_alias' AND s.realm = :realm"
)
