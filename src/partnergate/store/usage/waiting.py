"""Events that wait for a login, and those of them with a login that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.store.database.bulk import in_chunks

if TYPE_CHECKING:
    from sqlalchemy import Connection


def ready_events(connection: Connection, most: int) -> list[int]:
    """Return the first numbers of events with a login that was read since the events were attributed.

    Few logins have many events, so the names that events wait for are looked up first, once each.
    """
    names = sorted(connection.execute(_CANDIDATES).scalars())
    found: list[int] = []
    for part in in_chunks(names):
        found.extend(connection.execute(_READY, {"names": part, "most": most}).scalars())
    return sorted(found)[:most]


# CROSS JOIN prevents SQLite from starting with the sessions, which outnumber the waiting events;
# the comparison with the empty text makes it use the index of those that wait.
_CANDIDATES = sa.text(
    "SELECT w.waits_for FROM (SELECT DISTINCT waits_for FROM usage_attributed WHERE waits_for > '') w "
    "CROSS JOIN (SELECT DISTINCT realm FROM usage_sources) r "
    "CROSS JOIN sessions s WHERE w.waits_for LIKE 'session:%' "
    "AND s.realm = r.realm AND s.session_id = substr(w.waits_for, 9) "
    "AND (s.partner IS NOT NULL OR s.reason IS NOT NULL) "
    "UNION "
    "SELECT w.waits_for FROM (SELECT DISTINCT waits_for FROM usage_attributed WHERE waits_for > '') w "
    "CROSS JOIN (SELECT DISTINCT realm FROM usage_sources) r "
    "CROSS JOIN logins l WHERE w.waits_for LIKE 'user:%' "
    "AND l.realm = r.realm AND l.user_id = substr(w.waits_for, 6)"
)
_READY = sa.text(
    "SELECT a.seq FROM usage_attributed a CROSS JOIN usage_events e CROSS JOIN usage_sources u "
    "CROSS JOIN sessions s WHERE a.waits_for IN :names AND e.seq = a.seq AND e.subject_kind = 1 "
    "AND u.no = e.source_no AND s.realm = u.realm AND s.session_id = e.subject "
    "AND (s.partner IS NOT NULL OR (s.reason IS NOT NULL AND s.reason <> a.reason)) "
    "UNION "
    "SELECT a.seq FROM usage_attributed a CROSS JOIN usage_events e CROSS JOIN usage_sources u "
    "CROSS JOIN logins l CROSS JOIN sessions s WHERE a.waits_for IN :names AND e.seq = a.seq "
    "AND e.subject_kind = 2 AND u.no = e.source_no AND l.realm = u.realm AND l.user_id = e.subject "
    "AND s.realm = l.realm AND s.session_id = l.session_id "
    "AND (s.partner IS NOT NULL OR (s.reason IS NOT NULL AND a.reason = 'unknown_user')) "
    "AND s.started_ms <= e.time_us / 1000 + 300000 "
    "ORDER BY 1 LIMIT :most"
).bindparams(sa.bindparam("names", expanding=True))
