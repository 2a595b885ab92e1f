"""The partner of stored usage events: one lookup for all events with the same owner."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.metering.attributing import FUTURE_BOUND, IN_THE_FUTURE, attribute_subject, session_at
from partnergate.metering.usage import SubjectKind
from partnergate.model.instants import from_us
from partnergate.store.usage.rows import KINDS
from partnergate.store.usage.sessions import sessions_by_id, sessions_by_user

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.attributing import Attribution, KnownSession, PartnerRecords
    from partnergate.store.usage.rows import Row

FUTURE_US = int(FUTURE_BOUND.total_seconds()) * 1_000_000
Owner = tuple[str, str]
"""Realm and partner."""
Answer = tuple[Owner | None, str | None, str, str | None, str | None, str | None]
"""Owner, reason if unattributed, exclusion, subject, user ID, and the event that it waits for."""
SESSION_KIND = KINDS.index(SubjectKind.SESSION)
USER_KIND = KINDS.index(SubjectKind.USER)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSessions:
    """The sessions that a batch of events refers to, by realm and name."""

    by_session: Mapping[Owner, KnownSession]
    by_user: Mapping[Owner, Sequence[KnownSession]]


def sessions_named(connection: Connection, names: Mapping[tuple[str, int], set[str]]) -> NamedSessions:
    """Return the attributed sessions of the subjects of each realm and kind."""
    by_session: dict[Owner, KnownSession] = {}
    by_user: dict[Owner, Sequence[KnownSession]] = {}
    for (realm, kind), subjects in names.items():
        if kind == SESSION_KIND:
            for name, session in sessions_by_id(connection, realm, subjects).items():
                by_session[realm, name] = session
        elif kind == USER_KIND:
            for name, sessions in sessions_by_user(connection, realm, subjects).items():
                by_user[realm, name] = sessions
    return NamedSessions(by_session=by_session, by_user=by_user)


@dataclass(slots=True, kw_only=True)
class PartnerLookup:
    """Finds the partner of each event of one batch."""

    sessions: NamedSessions
    standings: Mapping[str, PartnerRecords]
    _known: dict[tuple[str, int, str, str, int], Answer] = field(default_factory=dict)
    _changes: dict[str, Sequence[int]] = field(default_factory=dict)

    def of(self, realm: str, row: Row) -> Answer:
        """Return the owner of the event in the row."""
        kind, subject, time_us = row.subject_kind, row.subject, row.time_us
        if time_us > row.received_us + FUTURE_US:
            return _answer(realm, IN_THE_FUTURE)
        session, named = None, ""
        if kind == USER_KIND:
            session = session_at(from_us(time_us), self.sessions.by_user.get((realm, subject), ()))
            named = "" if session is None else session.session_id
        changes = self._changes.get(realm)
        if changes is None:
            changes = self._changes[realm] = self.standings[realm].changes
        key = (realm, kind, subject, named, bisect_right(changes, time_us // 1000))
        known = self._known.get(key)
        if known is None:
            if kind == SESSION_KIND:
                session = self.sessions.by_session.get((realm, subject))
            found = attribute_subject(KINDS[kind], subject, from_us(time_us), session, self.standings[realm])
            known = self._known[key] = _answer(realm, found)
        return known


def _answer(realm: str, found: Attribution) -> Answer:
    owner = found.owner
    return (
        None if owner.partner is None else (realm, owner.partner),
        None if owner.reason is None else owner.reason.value,
        "" if owner.excluded is None else owner.excluded.value,
        owner.subject,
        found.user_id,
        found.waits_for,
    )
