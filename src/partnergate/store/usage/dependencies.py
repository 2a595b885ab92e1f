"""What new usage events wait for: logins that were not read yet, events that their corrections name."""

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
    """What is not stored of what some events name."""

    sessions: frozenset[str]
    users: frozenset[str]
    corrected: frozenset[tuple[str, str]]
    """Source and id."""

    def __bool__(self) -> bool:
        return bool(self.sessions or self.users or self.corrected)

    def concerns(self, event: UsageEvent) -> bool:
        """Whether the event waits for something missing."""
        if event.action is not UsageAction.RECORD:
            return (event.source, event.target) in self.corrected
        if event.subject_kind is SubjectKind.SESSION:
            return event.subject in self.sessions
        return event.subject_kind is SubjectKind.USER and event.subject in self.users


@dataclass(slots=True)
class PresentLogins:
    """Remembers of each realm which sessions and users are stored: a login that is, stays."""

    _sessions: dict[str, set[str]] = field(default_factory=dict)
    _users: dict[str, set[str]] = field(default_factory=dict)

    def missing(self, connection: Connection, realm: str, events: Sequence[UsageEvent]) -> Missing:
        """What is not stored of what the events name; reads only what is not remembered."""
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
