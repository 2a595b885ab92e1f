"""Finds logins and corrected events that new usage events refer to and that are not stored yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.metering.usage import SubjectKind, UsageAction
from partnergate.store.database.bulk import select_by_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.usage import UsageEvent

_MOST_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The sessions, users, and corrected events that some events refer to and that are not stored."""

    sessions: frozenset[str]
    users: frozenset[str]
    corrected: frozenset[tuple[str, str]]
    """Source and ID of each event."""

    def __bool__(self) -> bool:
        return bool(self.sessions or self.users or self.corrected)

    def concerns(self, event: UsageEvent) -> bool:
        """Whether the event refers to a missing session, user, or event."""
        if event.action is not UsageAction.RECORD:
            return (event.source, event.target) in self.corrected
        if event.subject_kind is SubjectKind.SESSION:
            return event.subject in self.sessions
        return event.subject_kind is SubjectKind.USER and event.subject in self.users


@dataclass(slots=True)
class PresentLogins:
    """A cache of the stored sessions and users of each realm. Stored logins are never deleted."""

    _sessions: dict[str, set[str]] = field(default_factory=dict)
    _users: dict[str, set[str]] = field(default_factory=dict)

    def missing(self, connection: Connection, realm: str, events: Sequence[UsageEvent]) -> Missing:
        """Return the missing references of the events. Queries only those that are not cached."""
        sessions: set[str] = set()
        users: set[str] = set()
        corrected: set[tuple[str, str]] = set()
        for event in events:
            if event.subject_kind is SubjectKind.SESSION:
                sessions.add(event.subject)
            elif event.subject_kind is SubjectKind.USER:
                users.add(event.subject)
            elif event.action is not UsageAction.RECORD:
                corrected.add((event.source, event.target))
        return Missing(
            sessions=_missing(
                connection, self._sessions.setdefault(realm, set()), _SESSIONS, realm, sessions
            ),
            users=_missing(connection, self._users.setdefault(realm, set()), _USERS, realm, users),
            corrected=frozenset(
                (source, event)
                for source, event in sorted(corrected)
                if connection.execute(_EVENT, {"realm": realm, "source": source, "id": event}).first() is None
            ),
        )


_SESSIONS = ("sessions", "session_id")
_USERS = ("logins", "user_id")
_EVENT = sa.text(
    "SELECT 1 FROM usage_events e JOIN usage_sources s ON s.no = e.source_no "
    "WHERE s.realm = :realm AND s.source = :source AND e.id = :id"
)


def _missing(
    connection: Connection, known: set[str], where: tuple[str, str], realm: str, named: Iterable[str]
) -> frozenset[str]:
    unknown = [name for name in named if name not in known]
    if not unknown:
        return frozenset()
    table, key = where
    rows = select_by_key(connection, f"{key}, partner", table, key, sorted(unknown), realm=realm)
    found = {name for name, partner in rows if partner is not None}
    if len(known) > _MOST_REMEMBERED:
        known.clear()
    known |= found
    return frozenset(unknown) - found
