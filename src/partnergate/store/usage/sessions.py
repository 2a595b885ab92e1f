"""The sessions that usage events name, as attribution knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.outcome import (
    AttributedSession,
    Exclusion,
    SubjectKey,
    UnattributedReason,
    UnattributedSession,
)
from partnergate.events.event_ids import EventId
from partnergate.model.instants import from_ms
from partnergate.model.partner import Alias, PartnerId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from partnergate.metering.attributing import KnownSession

_MOST = 900
_COLUMNS = (
    "s.session_id, s.partner, s.reason, s.excluded, s.alias, s.subject, s.started_ms, s.ended_ms, "
    "s.end_reason, s.first_id, s.login_id, s.login_user, s.clients"
)
_BY_SESSION = sa.text(
    f"SELECT {_COLUMNS} FROM sessions s WHERE s.realm = :realm AND s.session_id IN :names"  # noqa: S608
).bindparams(sa.bindparam("names", expanding=True))
_BY_USER = sa.text(
    f"SELECT DISTINCT l.user_id AS named, {_COLUMNS} FROM logins l JOIN sessions s "  # noqa: S608
    "ON s.realm = l.realm AND s.session_id = l.session_id "
    "WHERE l.realm = :realm AND l.user_id IN :names"
).bindparams(sa.bindparam("names", expanding=True))


def sessions_by_id(connection: Connection, realm: str, names: Iterable[str]) -> dict[str, KnownSession]:
    """Return the named sessions, except those that are not attributed yet."""
    found: dict[str, KnownSession] = {}
    for part in _parts(names):
        for row in connection.execute(_BY_SESSION, {"realm": realm, "names": part}):
            if (known := _session(realm, row)) is not None:
                found[row.session_id] = known
    return found


def sessions_by_user(
    connection: Connection, realm: str, names: Iterable[str]
) -> dict[str, tuple[KnownSession, ...]]:
    """The decided sessions of each user."""
    found: dict[str, list[KnownSession]] = {}
    for part in _parts(names):
        for row in connection.execute(_BY_USER, {"realm": realm, "names": part}):
            if (known := _session(realm, row)) is not None:
                found.setdefault(row.named, []).append(known)
    return {user: tuple(sessions) for user, sessions in found.items()}


def _parts(names: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(set(names))
    return (listed[begin : begin + _MOST] for begin in range(0, len(listed), _MOST))


def _session(realm: str, row: Any) -> KnownSession | None:
    if row.partner is not None:
        return AttributedSession(
            realm=realm,
            session_id=row.session_id,
            partner=PartnerId(row.partner),
            alias=Alias(row.alias or ""),
            subject=SubjectKey(row.subject or ""),
            user_id=row.login_user or "",
            started_at=from_ms(row.started_ms),
            ended_at=None if row.ended_ms is None else from_ms(row.ended_ms),
            end_reason=row.end_reason,
            login_event=EventId(row.login_id or row.first_id),
            clients=tuple(c for c in (row.clients or "").split(",") if c),
            excluded=None if row.excluded is None else Exclusion(row.excluded),
        )
    if row.reason is not None:
        return UnattributedSession(
            realm=realm,
            session_id=row.session_id,
            started_at=from_ms(row.started_ms),
            reason=UnattributedReason(row.reason),
            login_event=EventId(row.login_id or row.first_id),
        )
    return None
