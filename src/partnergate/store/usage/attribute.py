"""Attributes stored usage events and updates the rollups, in steps that do not block the writer.

A step reads and decides in a read transaction, then writes in a short one that begins by checking
that no other process has attributed meanwhile; otherwise the step is repeated. Everything it writes follows
from raw tables, so a rebuild has the same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.store.database.bulk import insert_new
from partnergate.store.meters.rollups import definition_text, kept_meters, known_series
from partnergate.store.partners.history import registry_stamp
from partnergate.store.usage.affected import events_of_changes, events_of_sessions
from partnergate.store.usage.deciding import Decided, Decider
from partnergate.store.usage.recompute import recompute_hours
from partnergate.store.usage.rows import Numbers, owners
from partnergate.store.usage.waiting import ready_events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.series import Series
    from partnergate.model.partner import PartnerId
    from partnergate.store.database.engine import Store
    from partnergate.store.usage.realm_terms import RealmTerms

CHUNK = 20_000
READY_MOST = 20_000
"""The number of waiting events in one step."""
ATTRIBUTION_LOCK = "usage-attribution"
"""The lock for every change of rows derived from usage."""
_RETRIES = 50


@dataclass(slots=True, kw_only=True)
class UsageAttributor:
    """Updates the derived tables of usage from the raw tables."""

    store: Store
    terms: Callable[[str], RealmTerms]
    """The terms of a realm, as recorded now."""
    chunk: int = CHUNK
    _owners: Numbers = field(default_factory=owners)

    def attribute_pending(self) -> int:
        """Attribute every event with a known login, and return how many were checked."""
        self.declare_meters()
        done = self._attribute_registry()
        while looked := self.attribute_some():
            done += looked
        return done + self.attribute_again()

    def attribute_again(self) -> int:
        """Attribute events again after new logins, moved sessions, or changed files; return their number."""
        done = self._attribute_registry() + self._attribute_moved()
        while waiting := self.attribute_waiting():
            done += waiting
            if waiting < READY_MOST:
                break
        return done

    def attribute_some(self) -> int:
        """Attribute the next new events, and return their number."""
        for _ in range(_RETRIES):
            with self.store.read() as connection:
                generation, position = _state(connection)
                decided = Decider(terms=self.terms).new_events(connection, position, self.chunk)
            if not decided.looked:
                return 0
            if self._apply(decided, generation):
                return decided.looked
        return 0

    def attribute_waiting(self) -> int:
        """Attribute waiting events after their login was read, and return how many."""
        for _ in range(_RETRIES):
            with self.store.read() as connection:
                generation, position = _state(connection)
                waiting = ready_events(connection, READY_MOST)
                decided = Decider(terms=self.terms).again(connection, waiting, position)
            if not waiting:
                return 0
            if self._apply(decided, generation):
                return len(waiting)
        return 0

    def _attribute_moved(self) -> int:
        """Return the events of sessions with a changed owner since the events were attributed."""
        with self.store.read() as connection:
            moved = tuple(connection.execute(_MOVED).all())
        if not moved:
            return 0
        by_realm: dict[str, list[str]] = {}
        for row in moved:
            by_realm.setdefault(row.realm, []).append(row.session_id)
        done = 0
        for realm, sessions in sorted(by_realm.items()):
            with self.store.read() as connection:
                seqs = events_of_sessions(connection, realm, sessions)
            done += self._decide_again(seqs)
        with self.store.write(lock=ATTRIBUTION_LOCK) as connection:
            connection.execute(_FORGET_MOVED, [{"realm": r.realm, "session_id": r.session_id} for r in moved])
        return done

    def _attribute_registry(self) -> int:
        """Attribute events again whose partner or exclusion a change of the partner files may change."""
        done = 0
        with self.store.read() as connection:
            realms = _realms(connection)
            stamps = {realm: sum(registry_stamp(connection, realm)) for realm in realms}
            rows = connection.execute(sa.text("SELECT name, number FROM usage_state"))
            known: dict[str, int] = {row.name: row.number for row in rows}
        for realm in realms:
            name = f"registry:{realm}"
            if known.get(name, 0) == stamps[realm]:
                continue
            with self.store.read() as connection:
                after = known.get(f"recorded:{realm}", -(2**62))
                seqs, recorded = events_of_changes(connection, realm, after)
            done += self._decide_again(seqs)
            with self.store.write(lock=ATTRIBUTION_LOCK) as connection:
                connection.execute(_SET, {"name": name, "number": stamps[realm]})
                connection.execute(_SET, {"name": f"recorded:{realm}", "number": recorded})
        return done

    def _decide_again(self, seqs: Sequence[int]) -> int:
        for begin in range(0, len(seqs), self.chunk):
            part = seqs[begin : begin + self.chunk]
            while True:
                with self.store.read() as connection:
                    generation, position = _state(connection)
                    decided = Decider(terms=self.terms).again(connection, part, position)
                if self._apply(decided, generation):
                    break
        return len(seqs)

    def declare_meters(self) -> None:
        """Keep rollups for every series that the recorded agreements name."""
        with self.store.read() as connection:
            realms = [
                row.realm for row in connection.execute(sa.text("SELECT DISTINCT realm FROM usage_sources"))
            ]
        for realm in realms:
            wanted = self.terms(realm).series
            with self.store.read() as connection:
                known = known_series(connection, realm)
            for partner, series in wanted.items():
                if series.keys() - known.get(partner, set()):
                    self._declare(realm, partner, series)

    def rebuild(self) -> int:
        """Rebuild every derived table of usage from the raw tables."""
        with self.store.write(lock=ATTRIBUTION_LOCK) as connection:
            for table in DERIVED:
                connection.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - names of this file
        return self.attribute_pending()

    def _declare(self, realm: str, partner: PartnerId, wanted: Mapping[str, Series | None]) -> None:
        for _ in range(_RETRIES):
            with self.store.read() as connection:
                generation, _ = _state(connection)
                known = known_series(connection, realm).get(partner, set())
            missing = {key: wanted[key] for key in sorted(wanted) if key not in known}
            if not missing or self._add_series(realm, partner, missing, generation):
                return

    def _add_series(
        self, realm: str, partner: PartnerId, missing: Mapping[str, Series | None], generation: int
    ) -> bool:
        with self.store.write(lock=ATTRIBUTION_LOCK) as connection:
            if not _advance(connection, generation):
                return False
            try:
                owner = self._owners.number(connection, realm, partner)
                for key, series in missing.items():
                    connection.execute(
                        _ADD_SERIES,
                        {"owner_no": owner, "series": key, "definition": definition_text(series)},
                    )
                hours = connection.execute(_HOURS, {"owner_no": owner}).all()
                recompute_hours(
                    connection,
                    {(owner, row.type_no, row.hour) for row in hours},
                    kept_meters(connection),
                    only=frozenset(missing),
                )
            except BaseException:
                self._owners.forget()
                raise
        return True

    def _apply(self, decided: Decided, generation: int) -> bool:
        """Write the results of a step, unless another process has attributed events in the meantime."""
        with self.store.write(lock=ATTRIBUTION_LOCK) as connection:
            if not _advance(connection, generation):
                return False
            try:
                self._write(connection, decided)
            except BaseException:
                self._owners.forget()
                raise
        return True

    def _write(self, connection: Connection, decided: Decided) -> None:
        number = {
            owner: self._owners.number(connection, *owner)
            for owner in sorted({one.owner for one in decided.events if one.owner is not None})
        }
        if decided.again:
            _delete_attributed(connection, [one.seq for one in decided.events])
        rows = [
            (seq, None if owner is None else number[owner], *rest) for seq, owner, *rest in decided.events
        ]
        insert_new(connection, "usage_attributed", ATTRIBUTED_COLUMNS, rows)
        insert_new(connection, "usage_corrections", ("source_no", "target", "seq"), decided.corrections)
        if decided.position is not None:
            connection.execute(_SET, {"name": "position", "number": decided.position})
        decided.added.merge(connection)
        stale = decided.stale_hours | {(number[owner], kind, hour) for owner, kind, hour in decided.regained}
        if stale:
            recompute_hours(connection, stale, kept_meters(connection))


def _realms(connection: Connection) -> tuple[str, ...]:
    return tuple(
        connection.execute(sa.text("SELECT DISTINCT realm FROM usage_sources ORDER BY realm")).scalars()
    )


def _state(connection: Connection) -> tuple[int, int]:
    """Return the generation, and the number of the last event that was checked."""
    rows = connection.execute(sa.text("SELECT name, number FROM usage_state"))
    found: dict[str, int] = {row.name: row.number for row in rows}
    return found.get("generation", 0), found.get("position", 0)


def _advance(connection: Connection, generation: int) -> bool:
    """Whether no other process has attributed since ``generation``; if so, this is the next one."""
    if _state(connection)[0] != generation:
        return False
    connection.execute(_SET, {"name": "generation", "number": generation + 1})
    return True


def _delete_attributed(connection: Connection, seqs: Sequence[int]) -> None:
    if seqs:
        connection.execute(
            sa.text("DELETE FROM usage_attributed WHERE seq = :seq"), [{"seq": seq} for seq in seqs]
        )


ATTRIBUTED_COLUMNS = (
    "seq",
    "owner_no",
    "reason",
    "excluded",
    "type_no",
    "time_us",
    "person",
    "user_id",
    "waits_for",
)
DERIVED = (
    "usage_corrections",
    "usage_attributed",
    "usage_series",
    "usage_rollups",
    "usage_values",
    "usage_seen",
    "usage_moved",
    "usage_state",
)
"""The tables that a rebuild replaces."""

_SET = sa.text(
    "INSERT INTO usage_state (name, number) VALUES (:name, :number) "
    "ON CONFLICT (name) DO UPDATE SET number = excluded.number"
)
_ADD_SERIES = sa.text(
    "INSERT INTO usage_series (no, owner_no, series, definition) "
    "SELECT coalesce(max(no), 0) + 1, :owner_no, :series, :definition FROM usage_series"
)
_HOURS = sa.text(
    "SELECT DISTINCT type_no, time_us / 3600000000 AS hour FROM usage_attributed WHERE owner_no = :owner_no"
)
_MOVED = sa.text("SELECT realm, session_id FROM usage_moved ORDER BY realm, session_id LIMIT 5000")
_FORGET_MOVED = sa.text("DELETE FROM usage_moved WHERE realm = :realm AND session_id = :session_id")
