"""Reads stored usage events and determines their partners, without writing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from partnergate.metering.fact_hash import usage_identity
from partnergate.metering.usage import UsageAction
from partnergate.metering.usage_corrections import effective_event
from partnergate.store.meters.rollups import kept_meters
from partnergate.store.usage.contributions import Contributions
from partnergate.store.usage.counting import Counting, owner_numbers
from partnergate.store.usage.partner_of import FUTURE_US, PartnerLookup, sessions_named
from partnergate.store.usage.rows import ACTIONS, HOUR_US, data_text, event_of
from partnergate.store.usage.stored import (
    corrected_by,
    events_after,
    events_numbered,
    has_corrections,
    new_corrected_by,
    older_targets,
    owned_before,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.usage import UsageEvent
    from partnergate.store.usage.partner_of import Answer, Owner
    from partnergate.store.usage.realm_terms import RealmTerms
    from partnergate.store.usage.rows import Row
    from partnergate.store.usage.stored import HourKey

VOIDED = "voided"
"""The reason of an event that a void removed."""
_AS_VOIDED: Answer = (None, VOIDED, "", None, None, None)
_RECORD = ACTIONS.index(UsageAction.RECORD)
Corrections = dict[tuple[int, str], "dict[int, Row]"]
"""Source and target -> the corrections by their numbers."""


class DecidedEvent(NamedTuple):
    """One recorded event and its partner; a row of ``usage_attributed`` but for the owner's number."""

    seq: int
    owner: Owner | None
    reason: str | None
    excluded: str
    type_no: int
    time_us: int
    person: str | None
    user_id: str | None
    waits_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The results of one step, to be written."""

    looked: int
    events: tuple[DecidedEvent, ...] = ()
    added: Contributions = field(default_factory=Contributions)
    """The increments of the rollups, except for stale hours."""
    corrections: tuple[tuple[int, str, int], ...] = ()
    """Source, target, number of the correction."""
    position: int | None = None
    stale_hours: frozenset[HourKey] = frozenset()
    """Hours with a removed or changed event, which must be recomputed instead of incremented."""
    regained: frozenset[tuple[Owner, int, int]] = frozenset()
    """Owner, type, hour of events that had a partner before: recounted as well."""
    again: bool = False
    """Some of the events have been decided before."""


@dataclass(slots=True, kw_only=True)
class Decider:
    """Determines partners in one read transaction."""

    terms: Callable[[str], RealmTerms]
    _sources: dict[int, tuple[str, str]] = field(default_factory=dict)
    _types: dict[int, str] = field(default_factory=dict)

    def new_events(self, connection: Connection, position: int, most: int) -> Decided:
        """The next events after ``position``, and older ones that they correct."""
        rows = events_after(connection, position, most)
        if not rows:
            return Decided(looked=0)
        self._read_names(connection)
        originals = [row for row in rows if row.action == _RECORD]
        new_corrections = [row for row in rows if row.action != _RECORD]
        older = older_targets(connection, new_corrections, position)
        corrections = self._corrections(new_corrections)
        if has_corrections(connection):
            self._add_corrections(corrections, new_corrected_by(connection, rows[0].seq, rows[-1].seq))
            self._add_corrections(corrections, corrected_by(connection, [row.seq for row in older]))
        stale, owned = owned_before(connection, [row.seq for row in older])
        return replace(
            self._decide(connection, [*older, *originals], corrections, owned),
            looked=len(rows),
            corrections=tuple((row.source_no, row.target, row.seq) for row in new_corrections),
            position=rows[-1].seq,
            stale_hours=stale,
            again=bool(older),
        )

    def again(self, connection: Connection, seqs: Sequence[int], position: int) -> Decided:
        """Events that were decided before, up to ``position``."""
        rows = [row for row in events_numbered(connection, seqs) if row.seq <= position]
        self._read_names(connection)
        corrections: Corrections = {}
        if has_corrections(connection):
            self._add_corrections(corrections, corrected_by(connection, [row.seq for row in rows]))
        stale, owned = owned_before(connection, [row.seq for row in rows])
        return replace(
            self._decide(connection, rows, corrections, owned),
            looked=len(rows),
            stale_hours=stale,
            again=True,
        )

    def _read_names(self, connection: Connection) -> None:
        for row in connection.execute(sa.text("SELECT no, realm, source FROM usage_sources")):
            self._sources[row.no] = (row.realm, row.source)
        for row in connection.execute(sa.text("SELECT no, type FROM usage_types")):
            self._types[row.no] = row.type

    def _decide(
        self, connection: Connection, rows: Sequence[Row], corrections: Corrections, owned: frozenset[int]
    ) -> Decided:
        realms = {realm for realm, _ in self._sources.values()}
        standings = {realm: self.terms(realm).standing for realm in realms}
        lookup = PartnerLookup(sessions=sessions_named(connection, self._named(rows)), standings=standings)
        counting = Counting(
            owners=owner_numbers(connection), meters=kept_meters(connection), types=self._types
        )
        decided = []
        regained = set()
        for row in rows:
            realm, source = self._sources[row.source_no]
            owner, reason, excluded, person, user_id, waits_for = lookup.of(realm, row)
            data, identity = row.data, usage_identity(source, row.id)
            correcting = corrections.get((row.source_no, row.id)) if corrections else None
            if correcting:
                event = event_of(row, source, self._types[row.type_no])
                effective = effective_event(event, [self._event(c) for c in correcting.values()])
                if effective is None:
                    owner, reason, excluded, person, user_id, waits_for = _AS_VOIDED
                else:
                    data, identity = data_text(effective.event.data), effective.identity
            decided.append(
                DecidedEvent(
                    row.seq, owner, reason, excluded, row.type_no, row.time_us, person, user_id, waits_for
                )
            )
            if owner is None:
                continue
            if row.seq in owned:
                regained.add((owner, row.type_no, row.time_us // HOUR_US))
                continue
            counting.add(owner, excluded, row.type_no, (row.time_us, source, row.id, data, identity))
            if person:
                counting.see(owner, row.time_us, person, user_id or "", excluded)
        return Decided(
            looked=len(rows),
            events=tuple(decided),
            added=counting.added(),
            regained=frozenset(regained),
        )

    def _named(self, rows: Iterable[Row]) -> dict[tuple[str, int], set[str]]:
        """The subjects of each realm and kind."""
        names: dict[tuple[str, int], set[str]] = {}
        for row in rows:
            names.setdefault((self._sources[row.source_no][0], row.subject_kind), set()).add(row.subject)
        return names

    def _event(self, row: Row) -> UsageEvent:
        return event_of(row, self._sources[row.source_no][1], self._types[row.type_no])

    def _corrections(self, rows: Iterable[Row]) -> Corrections:
        found: Corrections = {}
        self._add_corrections(found, rows)
        return found

    @staticmethod
    def _add_corrections(found: Corrections, rows: Iterable[Row]) -> None:
        """Add corrections by source and target, except those with timestamps in the future."""
        for row in rows:
            if row.time_us <= row.received_us + FUTURE_US:
                found.setdefault((row.source_no, row.target), {})[row.seq] = row
