"""Ingests events from the reader: stores them, attributes them, and moves the cursor in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.canonical_json import canonical_json
from partnergate.events.event_ids import Gap
from partnergate.events.ports import Cursor, StoredEvents
from partnergate.events.pseudonymization import derived_id, email_aliases, people_of, reduced
from partnergate.events.seen import RawEvent
from partnergate.model.instants import from_ms, to_ms
from partnergate.store.database.bulk import append, select_by_key
from partnergate.store.meters.stale_hours import note_refresh_hours
from partnergate.store.partners.history import (
    load_registry,
    record_rules,
    record_versions,
    registry_stamp,
)
from partnergate.store.partners.realm_environments import claim_realm
from partnergate.store.sessions.attributing import UpdatedSessions, attribute_events, reconclude
from partnergate.store.sessions.subjects import RandomSubjects, SubjectCache, SubjectSource, known_people

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from partnergate.attribution.partner_history import Registry
    from partnergate.events.ports import Advance
    from partnergate.events.seen import SeenEvent
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerId, PartnerSpec
    from partnergate.store.database.engine import Store

RAW_COLUMNS = RawEvent._fields


def event_lock(realm: str) -> str:
    """Return the name of the lock for every change of a realm's events or registry."""
    return f"events:{realm}"


@dataclass(slots=True, kw_only=True)
class EventIngest:
    """Implements ``events.ports.EventKeeper``, and records the registry. Safe to share among threads."""

    store: Store
    after: tuple[Callable[[Connection, str, UpdatedSessions], None], ...] = ()
    """Called in the transaction with the sessions and users of a batch, for usage that waits for them."""
    subjects: SubjectSource = field(default_factory=RandomSubjects)
    _cache: SubjectCache = field(default_factory=SubjectCache)
    _registries: dict[str, tuple[tuple[int, int], Registry]] = field(default_factory=dict)

    def cursor(self, realm: str) -> Cursor | None:
        """Return the position to continue from, or None if the realm was never read."""
        with self.store.read() as connection:
            row = connection.execute(
                sa.text("SELECT first_ms, position_ms FROM cursors WHERE realm = :realm"), {"realm": realm}
            ).one_or_none()
            if row is None:
                return None
            seen = latest_settings(connection, realm)
            cleared = connection.execute(
                sa.text("SELECT MAX(end_ms) FROM gaps WHERE realm = :realm AND reason = 'events_cleared'"),
                {"realm": realm},
            ).scalar()
        return Cursor(
            first_ms=row.first_ms,
            position_ms=row.position_ms,
            settings=seen[0] if seen else None,
            settings_ms=seen[1] if seen else 0,
            cleared_ms=cleared or 0,
        )

    def keep(self, realm: str, events: Sequence[SeenEvent], *, seen_ms: int, advance: Advance | None) -> int:
        """Store each event once, attribute it, move the cursor, and return the number of new events."""
        with self.store.write(lock=event_lock(realm)) as connection:
            new, unknown = 0, _unknown(connection, realm, events)
            known = None
            if unknown:
                known = known_people(
                    connection,
                    people_of(unknown),
                    email_aliases(unknown),
                    cache=self._cache,
                    source=self.subjects,
                )
                raw = [reduced(realm, e, seen_ms, known) for e in unknown]
                append(connection, "raw_events", RAW_COLUMNS, raw)
                new = len(raw)
                _count(connection, realm, new)
                touched = attribute_events(connection, realm, raw, self.registry(connection, realm))
                for act in self.after:
                    act(connection, realm, touched)
            if advance is not None:
                _advance(connection, realm, advance, seen_ms)
        if known is not None:
            self._cache.take(known.keys, known.subjects)
        return new

    def note_settings(self, realm: str, settings: StoredEvents, at_ms: int) -> None:
        """Record the event settings of the realm at a time."""
        with self.store.write(lock=event_lock(realm)) as connection:
            note_settings(connection, realm, settings, at_ms)

    def note_gaps(self, gaps: Sequence[Gap]) -> None:
        """Store spans in which events may be lost. Adjacent spans with the same reason are merged."""
        for realm in sorted({g.realm for g in gaps}):
            with self.store.write(lock=event_lock(realm)) as connection:
                for gap in (g for g in gaps if g.realm == realm):
                    _note_gap(connection, gap)

    def count(self, realm: str, start_ms: int, end_ms: int) -> int:
        """Return the number of stored events with ``start_ms <= time < end_ms``."""
        query = sa.text(
            "SELECT COUNT(*) FROM raw_events WHERE realm = :realm AND time_ms >= :start AND time_ms < :end"
        )
        with self.store.read() as connection:
            values = {"realm": realm, "start": start_ms, "end": end_ms}
            return int(connection.execute(query, values).scalar_one())

    def latest(self, realm: str, before_ms: int) -> tuple[str, int] | None:
        """Return the ID and time of the last stored event before a time."""
        query = sa.text(
            "SELECT id, time_ms FROM raw_events WHERE realm = :realm AND time_ms < :before"
            " ORDER BY time_ms DESC, id DESC LIMIT 1"
        )
        with self.store.read() as connection:
            row = connection.execute(query, {"realm": realm, "before": before_ms}).one_or_none()
        return (row.id, row.time_ms) if row else None

    def record_registry(
        self, realm: RealmSpec, partners: Sequence[PartnerSpec], at_ms: int
    ) -> tuple[PartnerId, ...]:
        """Record the partner files from ``at_ms`` on, attribute again, and return the changed partners."""
        name = realm.realm
        with self.store.write(lock=event_lock(name)) as connection:
            claim_realm(connection, realm)
            changed = record_versions(connection, realm, partners, at_ms, source=self.subjects)
            rules = record_rules(connection, realm, at_ms)
            if changed or rules:
                registry = load_registry(connection, name)
                since = min((s for _, s in changed), default=at_ms)
                if rules:
                    since = min(since, *(r for r, _ in registry.rules[-1:]))
                aliases = None if rules else aliases_of(registry, [p for p, _ in changed])
                reconclude(connection, name, registry, aliases=aliases, since_ms=since)
                note_refresh_hours(connection, name, None if rules else [p for p, _ in changed], since)
        return tuple(p for p, _ in changed)

    def registry(self, connection: Connection, realm: str) -> Registry:
        """The registry as this transaction sees it."""
        stamp = registry_stamp(connection, realm)
        known = self._registries.get(realm)
        if known is None or known[0] != stamp:
            known = (stamp, load_registry(connection, realm))
            self._registries[realm] = known
        return known[1]


def aliases_of(registry: Registry, partners: Sequence[PartnerId]) -> list[str]:
    """Every alias that any version of the partners had."""
    return sorted({p.alias for who in partners for v in registry.versions_of(who) for p in v.spec.providers})


def note_settings(connection: Connection, realm: str, settings: StoredEvents, at_ms: int) -> None:
    """Record the event settings of the realm: a row for each change, with the time when it was last read."""
    known = latest_settings(connection, realm)
    values: dict[str, Any] = {"realm": realm, "at": at_ms}
    if known is not None and known[0] == settings:
        connection.execute(
            sa.text(
                "UPDATE event_settings SET checked_ms = :at WHERE realm = :realm AND checked_ms < :at AND"
                " since_ms = (SELECT MAX(since_ms) FROM event_settings WHERE realm = :realm)"
            ),
            values,
        )
        return
    values |= {
        "enabled": int(settings.enabled),
        "types": canonical_json(sorted(settings.types)),
        "expiration": settings.expiration_s,
    }
    connection.execute(
        sa.text(
            "INSERT INTO event_settings (realm, since_ms, checked_ms, enabled, types, expiration_s)"
            " VALUES (:realm, :at, :at, :enabled, :types, :expiration) ON CONFLICT DO NOTHING"
        ),
        values,
    )


def latest_settings(connection: Connection, realm: str) -> tuple[StoredEvents, int] | None:
    """Return the last recorded event settings of the realm, and their time."""
    row = connection.execute(
        sa.text(
            "SELECT checked_ms, enabled, types, expiration_s FROM event_settings WHERE realm = :realm"
            " ORDER BY since_ms DESC LIMIT 1"
        ),
        {"realm": realm},
    ).one_or_none()
    if row is None:
        return None
    settings = StoredEvents(
        enabled=bool(row.enabled), types=frozenset(json.loads(row.types)), expiration_s=row.expiration_s
    )
    return settings, row.checked_ms


def gaps_between(connection: Connection, realm: str, start_ms: int, end_ms: int) -> tuple[Gap, ...]:
    """The gaps that touch ``[start, end)``, oldest first."""
    rows = connection.execute(
        sa.text(
            "SELECT reason, start_ms, end_ms FROM gaps WHERE realm = :realm AND start_ms < :end"
            " AND end_ms > :start ORDER BY start_ms, reason"
        ),
        {"realm": realm, "start": start_ms, "end": end_ms},
    )
    return tuple(
        Gap(realm=realm, start=from_ms(r.start_ms), end=from_ms(r.end_ms), reason=r.reason) for r in rows
    )


def _note_gap(connection: Connection, gap: Gap) -> None:
    values = {"realm": gap.realm, "reason": gap.reason, "start": to_ms(gap.start), "end": to_ms(gap.end)}
    touching = "FROM gaps WHERE realm = :realm AND reason = :reason AND start_ms <= :end AND end_ms >= :start"
    known = connection.execute(sa.text(f"SELECT start_ms, end_ms {touching}"), values).all()
    connection.execute(sa.text(f"DELETE {touching}"), values)
    values["start"] = min(to_ms(gap.start), *(row.start_ms for row in known), to_ms(gap.start))
    values["end"] = max(to_ms(gap.end), *(row.end_ms for row in known), to_ms(gap.end))
    connection.execute(
        sa.text("INSERT INTO gaps (realm, reason, start_ms, end_ms) VALUES (:realm, :reason, :start, :end)"),
        values,
    )


def _unknown(connection: Connection, realm: str, events: Sequence[SeenEvent]) -> list[SeenEvent]:
    """Return the events that are not stored yet. The first content of an ID is never replaced."""
    by_id: dict[str, SeenEvent] = {}
    for event in events:
        by_id.setdefault(event.id or derived_id(realm, event), event)
    rows = select_by_key(connection, "id", "raw_events", "id", tuple(by_id), realm=realm)
    kept = {row[0] for row in rows}
    return [event for event_id, event in by_id.items() if event_id not in kept]


def _count(connection: Connection, realm: str, new: int) -> None:
    """Update the number of stored events, so that no query counts a long table."""
    connection.execute(
        sa.text(
            "INSERT INTO event_counts (realm, events) VALUES (:realm, :new)"
            " ON CONFLICT (realm) DO UPDATE SET events = event_counts.events + excluded.events"
        ),
        {"realm": realm, "new": new},
    )


def _advance(connection: Connection, realm: str, advance: Advance, seen_ms: int) -> None:
    """Move the cursor forward only, so that the slower of two readers has no effect."""
    connection.execute(
        sa.text(
            "INSERT INTO cursors (realm, first_ms, position_ms, server_ms)"
            " VALUES (:realm, :first, :position, :server) ON CONFLICT (realm) DO UPDATE SET"
            " position_ms = CASE WHEN excluded.position_ms > cursors.position_ms"
            " THEN excluded.position_ms ELSE cursors.position_ms END,"
            " server_ms = CASE WHEN excluded.server_ms > cursors.server_ms"
            " THEN excluded.server_ms ELSE cursors.server_ms END"
        ),
        {"realm": realm, "first": advance.first_ms, "position": advance.position_ms, "server": seen_ms},
    )
