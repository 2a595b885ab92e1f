"""Reads kept usage events and decides whose they are; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.store.instants import from_us
from partnergate.store.usage_rows import ACTIONS, HOUR_US, event_of
from partnergate.store.usage_sessions import sessions_by_id, sessions_by_user
from partnergate.usage.amending import effective_event
from partnergate.usage.attributing import FUTURE_BOUND, attribute_usage
from partnergate.usage.model import SubjectKind, UsageAction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.store.usage_settle import RealmTerms
    from partnergate.usage.amending import EffectiveEvent
    from partnergate.usage.attributing import KnownSession
    from partnergate.usage.model import UsageEvent

VOIDED = "voided"
"""The reason of an event that a void took out."""
_MOST = 900
HourKey = tuple[int, int, int]
"""Owner, type, hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedEvent:
    """One recorded event and whose it is."""

    seq: int
    type_no: int
    time_us: int
    owner: tuple[str, str] | None
    """Realm and partner."""
    reason: str | None
    excluded: str
    person: str | None
    user_id: str | None
    waits_for: str | None
    effective: EffectiveEvent | None
    replaces_owned: bool = False
    """It was somebody's before, so the hour must be counted again rather than added to."""

    @property
    def hour(self) -> int:
        """The hour it lies in."""
        return self.time_us // HOUR_US

    def row(self, owner_no: int | None) -> tuple[Any, ...]:
        """Its row in ``usage_attributed``."""
        return (
            self.seq,
            owner_no,
            self.reason,
            self.excluded,
            self.type_no,
            self.time_us,
            self.person,
            self.user_id,
            self.waits_for,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one step writes."""

    looked: int
    events: tuple[DecidedEvent, ...]
    corrections: tuple[tuple[int, str, int], ...] = ()
    """Source, target, number of the correction."""
    position: int | None = None
    stale_hours: frozenset[HourKey] = frozenset()
    again: bool = False
    """Some of the events have been decided before."""


@dataclass(slots=True, kw_only=True)
class Decider:
    """Decides in one read transaction."""

    terms: Callable[[str], RealmTerms]
    _sources: dict[int, tuple[str, str]] = field(default_factory=dict)
    _types: dict[int, str] = field(default_factory=dict)

    def new_events(self, connection: Connection, position: int, most: int) -> Decided:
        """The next events after ``position``, and older ones that they correct."""
        rows = connection.execute(_NEXT, {"position": position, "most": most}).all()
        if not rows:
            return Decided(looked=0, events=())
        self._read_names(connection)
        new_corrections = [row for row in rows if ACTIONS[row.action] is not UsageAction.RECORD]
        older = _older_targets(connection, new_corrections, position)
        originals = [row for row in rows if ACTIONS[row.action] is UsageAction.RECORD]
        stale, owned = _owned_before(connection, [row.seq for row in older])
        decided = self._decide(connection, [*older, *originals], new_corrections, owned)
        return Decided(
            looked=len(rows),
            events=decided,
            corrections=tuple((row.source_no, row.target, row.seq) for row in new_corrections),
            position=rows[-1].seq,
            stale_hours=stale,
            again=bool(older),
        )

    def again(self, connection: Connection, seqs: Sequence[int], position: int) -> Decided:
        """Events that were decided before, up to ``position``."""
        rows = [row for row in _rows(connection, seqs) if row.seq <= position]
        self._read_names(connection)
        stale, owned = _owned_before(connection, [row.seq for row in rows])
        events = self._decide(connection, rows, (), owned)
        return Decided(looked=len(rows), events=events, stale_hours=stale, again=True)

    def _read_names(self, connection: Connection) -> None:
        for row in connection.execute(sa.text("SELECT no, realm, source FROM usage_sources")):
            self._sources[row.no] = (row.realm, row.source)
        for row in connection.execute(sa.text("SELECT no, type FROM usage_types")):
            self._types[row.no] = row.type

    def event(self, row: Any) -> UsageEvent:
        """The event of a row."""
        return event_of(row, self._sources[row.source_no][1], self._types[row.type_no])

    def _decide(
        self,
        connection: Connection,
        rows: Sequence[Any],
        new_corrections: Sequence[Any],
        owned: frozenset[int],
    ) -> tuple[DecidedEvent, ...]:
        corrections = self._corrections(connection, rows, new_corrections)
        by_session, by_user = self._sessions(connection, rows)
        decided = []
        standing = {realm: self.terms(realm).standing for realm in {r for r, _ in self._sources.values()}}
        for row in rows:
            event = self.event(row)
            realm = self._sources[row.source_no][0]
            sessions: Sequence[KnownSession] = ()
            if event.subject_kind is SubjectKind.SESSION:
                known = by_session.get((realm, event.subject))
                sessions = () if known is None else (known,)
            elif event.subject_kind is SubjectKind.USER:
                sessions = by_user.get((realm, event.subject), ())
            effective = effective_event(event, corrections.get((row.source_no, row.id), ()))
            found = attribute_usage(event, from_us(row.received_us), sessions, standing[realm])
            whose = found.whose
            voided = effective is None
            decided.append(
                DecidedEvent(
                    seq=row.seq,
                    type_no=row.type_no,
                    time_us=row.time_us,
                    owner=None if voided or whose.partner is None else (realm, whose.partner),
                    reason=VOIDED if voided else (None if whose.reason is None else whose.reason.value),
                    excluded="" if voided or whose.excluded is None else whose.excluded.value,
                    person=None if voided else whose.subject,
                    user_id=None if voided else found.user_id,
                    waits_for=None if voided else found.waits_for,
                    effective=effective,
                    replaces_owned=row.seq in owned,
                )
            )
        return tuple(decided)

    def _sessions(
        self, connection: Connection, rows: Iterable[Any]
    ) -> tuple[dict[tuple[str, str], KnownSession], dict[tuple[str, str], tuple[KnownSession, ...]]]:
        names: dict[tuple[str, int], set[str]] = {}
        for row in rows:
            names.setdefault((self._sources[row.source_no][0], row.subject_kind), set()).add(row.subject)
        by_session: dict[tuple[str, str], KnownSession] = {}
        by_user: dict[tuple[str, str], tuple[KnownSession, ...]] = {}
        for (realm, kind), subjects in names.items():
            if kind == SESSION_KIND:
                for name, session in sessions_by_id(connection, realm, subjects).items():
                    by_session[realm, name] = session
            elif kind == USER_KIND:
                for name, sessions in sessions_by_user(connection, realm, subjects).items():
                    by_user[realm, name] = sessions
        return by_session, by_user

    def _corrections(
        self, connection: Connection, rows: Sequence[Any], new: Sequence[Any]
    ) -> dict[tuple[int, str], list[UsageEvent]]:
        """The corrections that count, by source and target. One from the future never does."""
        found: dict[tuple[int, str], dict[int, Any]] = {}
        for row in new:
            found.setdefault((row.source_no, row.target), {})[row.seq] = row
        if connection.execute(sa.text("SELECT 1 FROM usage_corrections LIMIT 1")).first() is not None:
            for begin in range(0, len(rows), _MOST):
                seqs = [row.seq for row in rows[begin : begin + _MOST]]
                for row in connection.execute(_CORRECTING, {"seqs": seqs}):
                    found.setdefault((row.source_no, row.target), {})[row.seq] = row
        bound = FUTURE_BOUND.total_seconds() * 1e6
        return {
            key: [self.event(r) for _, r in sorted(known.items()) if r.time_us <= r.received_us + bound]
            for key, known in found.items()
        }


SESSION_KIND = 1
USER_KIND = 2

_COLUMNS = (
    "e.seq, e.source_no, e.id, e.type_no, e.time_us, e.subject_kind, e.subject, e.action, e.target, e.data, "
    "e.received_us"
)
_NEXT = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.seq > :position ORDER BY e.seq LIMIT :most"  # noqa: S608
)
_BY_SEQ = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.seq IN :seqs ORDER BY e.seq"  # noqa: S608
).bindparams(sa.bindparam("seqs", expanding=True))
_BY_KEY = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.source_no = :source_no AND e.id IN :ids "  # noqa: S608
    "AND e.seq <= :position AND e.action = 0 ORDER BY e.seq"
).bindparams(sa.bindparam("ids", expanding=True))
_CORRECTING = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events o "  # noqa: S608
    "JOIN usage_corrections c ON c.source_no = o.source_no AND c.target = o.id "
    "JOIN usage_events e ON e.seq = c.seq WHERE o.seq IN :seqs"
).bindparams(sa.bindparam("seqs", expanding=True))
_OWNED = sa.text(
    "SELECT seq, owner_no, type_no, time_us FROM usage_attributed WHERE owner_no IS NOT NULL AND seq IN :seqs"
).bindparams(sa.bindparam("seqs", expanding=True))


def _rows(connection: Connection, seqs: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for begin in range(0, len(seqs), _MOST):
        found.extend(connection.execute(_BY_SEQ, {"seqs": list(seqs[begin : begin + _MOST])}))
    return found


def _older_targets(connection: Connection, corrections: Sequence[Any], position: int) -> list[Any]:
    """The recorded events before ``position`` that the corrections name."""
    by_source: dict[int, set[str]] = {}
    for row in corrections:
        by_source.setdefault(row.source_no, set()).add(row.target)
    found: list[Any] = []
    for source, targets in by_source.items():
        ids = sorted(targets)
        for begin in range(0, len(ids), _MOST):
            part = {"source_no": source, "ids": ids[begin : begin + _MOST], "position": position}
            found.extend(connection.execute(_BY_KEY, part))
    return found


def _owned_before(connection: Connection, seqs: Sequence[int]) -> tuple[frozenset[HourKey], frozenset[int]]:
    """The hours that lose an event, and the events that somebody had."""
    hours: set[HourKey] = set()
    owned: set[int] = set()
    for begin in range(0, len(seqs), _MOST):
        for row in connection.execute(_OWNED, {"seqs": list(seqs[begin : begin + _MOST])}):
            hours.add((row.owner_no, row.type_no, row.time_us // HOUR_US))
            owned.add(row.seq)
    return frozenset(hours), frozenset(owned)
