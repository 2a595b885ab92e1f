"""The facts of a trace in the database: read only."""

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
from partnergate.attribution.partner_history import BEGINNING_MS
from partnergate.metering.usage import SubjectKind, UsageAttribution
from partnergate.model.instants import from_ms, from_us, to_ms, to_us
from partnergate.model.partner import PartnerId
from partnergate.statements.trace.facts import LoginFact, ProviderFact, UsageFact
from partnergate.store.partners.history import load_registry
from partnergate.store.sessions.queries import session_of
from partnergate.store.usage.rows import event_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.attribution.partner_history import Registry
    from partnergate.store.database.engine import Store

_USAGE = (
    "SELECT e.seq, e.source_no, e.id, e.time_us, e.subject_kind, e.subject, e.action, e.target, e.data, "
    "e.received_us, s.source, t.type, o.partner, a.reason, a.excluded, a.person "
    "FROM usage_events e JOIN usage_sources s ON s.no = e.source_no JOIN usage_types t ON t.no = e.type_no "
    "LEFT JOIN usage_attributed a ON a.seq = e.seq LEFT JOIN usage_owners o ON o.no = a.owner_no "
)
_EVENT = sa.text(_USAGE + "WHERE s.realm = :realm AND e.id = :id ORDER BY s.source")
_PAGE = sa.text(
    "SELECT e.seq, e.source_no, e.id, e.time_us, e.subject_kind, e.subject, e.action, e.target, e.data, "
    "e.received_us, s.source, t.type, o.partner, a.reason, a.excluded, a.person "
    "FROM usage_attributed a JOIN usage_owners o ON o.no = a.owner_no JOIN usage_types t ON t.no = a.type_no "
    "JOIN usage_events e ON e.seq = a.seq JOIN usage_sources s ON s.no = e.source_no "
    "WHERE o.realm = :realm AND o.partner = :partner AND t.type = :type "
    "AND a.time_us >= :start AND a.time_us < :end ORDER BY a.time_us, s.source, e.id "
    "LIMIT :limit OFFSET :offset"
)
_CORRECTIONS = sa.text(
    "SELECT e.*, s.source FROM usage_corrections c JOIN usage_events e ON e.seq = c.seq "
    "JOIN usage_sources s ON s.no = e.source_no WHERE c.source_no = :source_no AND c.target = :target "
    "ORDER BY e.time_us, e.id"
)
_LOGIN = (
    "SELECT r.id, r.time_ms, r.seen_ms, r.type, r.error, COALESCE(l.session_id, r.session_id) AS session_id, "
    "r.alias, r.subject, l.partner, l.reason, l.excluded FROM raw_events r "
    "LEFT JOIN logins l ON l.realm = r.realm AND l.event_id = r.id "
)
_ONE_LOGIN = sa.text(_LOGIN + "WHERE r.realm = :realm AND r.id = :id")
_LOGINS = sa.text(
    "SELECT r.id, r.time_ms, r.seen_ms, r.type, r.error, l.session_id, r.alias, r.subject, l.partner, "
    "l.reason, l.excluded FROM logins l JOIN raw_events r ON r.realm = l.realm AND r.id = l.event_id "
    "WHERE l.realm = :realm AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end "
    "ORDER BY l.time_ms, l.event_id LIMIT :limit OFFSET :offset"
)
_FIRST = sa.text(
    "SELECT r.id, r.time_ms, r.seen_ms, r.type, r.error, l.session_id, r.alias, l.subject, l.partner, "
    "l.reason, l.excluded FROM logins l JOIN raw_events r ON r.realm = l.realm AND r.id = l.event_id "
    "WHERE l.realm = :realm AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end "
    "AND l.subject IN :subjects AND l.excluded IS NULL ORDER BY l.time_ms DESC, l.event_id DESC"
).bindparams(sa.bindparam("subjects", expanding=True))
_PEOPLE = sa.text(
    "SELECT r.id, r.time_ms, r.seen_ms, r.type, r.error, l.session_id, r.alias, l.subject, l.partner, "
    "l.reason, l.excluded FROM (SELECT realm, event_id, time_ms, session_id, subject, partner, reason, "
    "excluded, "
    "ROW_NUMBER() OVER (PARTITION BY COALESCE(subject, user_id) ORDER BY time_ms, event_id) AS place "
    "FROM logins WHERE realm = :realm AND partner = :partner AND time_ms >= :start AND time_ms < :end "
    "AND excluded IS NULL) l JOIN raw_events r ON r.realm = l.realm AND r.id = l.event_id "
    "WHERE l.place = 1 ORDER BY l.time_ms, l.event_id LIMIT :limit OFFSET :offset"
)
_PROVIDERS = sa.text(
    "SELECT partner, since_ms, path, sha256, commit_id FROM partner_versions "
    "WHERE realm = :realm AND partner = :partner AND since_ms <= :at ORDER BY since_ms DESC LIMIT 1"
)


class StoredTrace:
    """Finds facts of one realm."""

    def __init__(self, store: Store, realm: str) -> None:
        self._store = store
        self._realm = realm
        self._registry: Registry | None = None

    def usage_event(self, event_id: str, source: str | None) -> tuple[UsageFact, ...]:
        """The events of that id, of one source or of all."""
        with self._store.read() as connection:
            rows = connection.execute(_EVENT, {"realm": self._realm, "id": event_id}).all()
            return tuple(self._usage(connection, r) for r in rows if source is None or r.source == source)

    def usage_of(
        self, partner: str, event_type: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[UsageFact, ...]:
        """The partner's usage events of a type, oldest first."""
        arguments = {
            "realm": self._realm, "partner": partner, "type": event_type, "start": to_us(start),
            "end": to_us(end), "offset": offset, "limit": limit,
        }  # fmt: skip
        with self._store.read() as connection:
            rows = connection.execute(_PAGE, arguments).all()
            return tuple(self._usage(connection, r) for r in rows)

    def logins_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """The partner's logins, oldest first."""
        return self._logins(_LOGINS, partner, (start, end), (offset, limit))

    def people_of(
        self, partner: str, start: datetime, end: datetime, *, offset: int, limit: int
    ) -> tuple[LoginFact, ...]:
        """The first billed login of each person, oldest first."""
        return self._logins(_PEOPLE, partner, (start, end), (offset, limit))

    def _logins(
        self, query: sa.TextClause, partner: str, span: tuple[datetime, datetime], page: tuple[int, int]
    ) -> tuple[LoginFact, ...]:
        arguments = {
            "realm": self._realm, "partner": partner, "start": to_ms(span[0]), "end": to_ms(span[1]),
            "offset": page[0], "limit": page[1],
        }  # fmt: skip
        with self._store.read() as connection:
            return tuple(_login(r) for r in connection.execute(query, arguments))

    def first_logins(
        self, partner: str, start: datetime, end: datetime, subjects: Sequence[str]
    ) -> dict[str, LoginFact]:
        """The first billed login of each of the people in the span."""
        arguments = {
            "realm": self._realm, "partner": partner, "start": to_ms(start), "end": to_ms(end),
            "subjects": list(subjects),
        }  # fmt: skip
        with self._store.read() as connection:
            return {r.subject: _login(r) for r in connection.execute(_FIRST, arguments)}

    def login(self, event_id: str) -> LoginFact | None:
        """A login event."""
        with self._store.read() as connection:
            row = connection.execute(_ONE_LOGIN, {"realm": self._realm, "id": event_id}).first()
        return None if row is None else _login(row)

    def session(self, session_id: str) -> AttributedSession | UnattributedSession | None:
        """A session."""
        with self._store.read() as connection:
            return session_of(connection, self._realm, session_id, self._known(connection))

    def provider(self, alias: str, at: datetime) -> ProviderFact | None:
        """Return the partner of the provider at a time, and the version of the file."""
        with self._store.read() as connection:
            partner = self._known(connection).partner_named(alias)
            if partner is None:
                return None
            row = connection.execute(
                _PROVIDERS, {"realm": self._realm, "partner": partner, "at": to_ms(at)}
            ).first()
        if row is None:
            return None
        return ProviderFact(
            alias=alias,
            partner=row.partner,
            file=row.path,
            sha256=row.sha256,
            commit=row.commit_id,
            since=None if row.since_ms <= BEGINNING_MS else from_ms(row.since_ms),
        )

    def _known(self, connection: Connection) -> Registry:
        if self._registry is None:
            self._registry = load_registry(connection, self._realm)
        return self._registry

    def _usage(self, connection: Connection, row: Any) -> UsageFact:
        event = event_of(row, row.source, row.type)
        named = {"source_no": row.source_no, "target": row.id}
        corrections = tuple(event_of(c, c.source, row.type) for c in connection.execute(_CORRECTIONS, named))
        return UsageFact(
            event=event,
            owner=UsageAttribution(
                partner=None if row.partner is None else PartnerId(row.partner),
                session_id=event.subject if event.subject_kind is SubjectKind.SESSION else None,
                reason=None if row.reason is None else UnattributedReason(row.reason),
                subject=None if row.person is None else SubjectKey(row.person),
                excluded=Exclusion(row.excluded) if row.excluded else None,
            ),
            received=from_us(row.received_us),
            corrections=corrections,
        )


def _login(row: Any) -> LoginFact:
    return LoginFact(
        id=row.id,
        time=from_ms(row.time_ms),
        read=from_ms(row.seen_ms),
        type=row.type,
        error=row.error,
        session=row.session_id,
        alias=row.alias,
        subject=row.subject,
        partner=row.partner,
        reason=row.reason,
        excluded=row.excluded,
    )
