"""Joins a batch of raw events into sessions, logins and activity, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from partnergate.attribution.concluding import DomainFact, conclude, conclude_again, conclude_login
from partnergate.attribution.outcome import UnattributedReason
from partnergate.attribution.session_state import QUARTER_MS, join, states_of
from partnergate.events.seen import RawEvent
from partnergate.store.database.bulk import in_chunks, insert_new, select_by_key
from partnergate.store.sessions.session_rows import (
    CONCLUSION_COLUMNS,
    LOGIN_COLUMNS,
    STATE_COLUMNS,
    SessionChanges,
    append_logins,
    conclusion_of,
    conclusion_of_row,
    login_row,
    session_row,
    state_of_row,
    stored_sessions,
    write_logins,
    write_refreshes,
    write_sessions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.attribution.concluding import Conclusion
    from partnergate.attribution.partner_history import Registry

_SWEEP = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatedSessions:
    """The sessions and users of a batch, for which waiting usage can be attributed now."""

    sessions: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()


def attribute_events(
    connection: Connection, realm: str, events: Sequence[RawEvent], registry: Registry
) -> UpdatedSessions:
    """Merge new events into the sessions. Order and batches do not affect the result.

    The events must not have been merged before, and the caller must hold the lock of the realm's events.
    """
    states = states_of(events)
    known = stored_sessions(connection, realm, tuple(states))
    logins = [e for e in events if e.type == "LOGIN" and e.alias and e.error is None]
    moved = _write_domains(connection, realm, events)
    users = {state.login_user for state in states.values()} | {e.user_id for e in logins}
    users |= {row[7] for row in known.values()}
    domains = _domains(connection, realm, users, registry)
    changes = SessionChanges(realm)
    found: dict[str, Conclusion] = {}
    turned = []
    for session, said in states.items():
        row = known.get(session)
        if row is None:
            found[session] = now = conclude(said, registry, _facts(domains, said.login_user))
            changes.new(session, said, now)
            continue
        was, before = state_of_row(row), conclusion_of_row(row)
        state = join(was, said)
        now = conclude_again(before, was, state, registry) or conclude(
            state, registry, _facts(domains, state.login_user)
        )
        found[session] = now
        if state != was or now != before:
            changes.changed(row, state, now)
            if now[:2] != before[:2]:
                turned.append(session)
    changes.write(connection)
    append_logins(
        connection,
        [
            login_row(
                e, conclude_login(e, found.get(e.session_id or ""), registry, _facts(domains, e.user_id))
            )
            for e in logins
        ],
    )
    write_refreshes(connection, _refreshes(events).items())
    for ids in in_chunks(sorted(turned)):
        values = {"realm": realm, "sessions": ids}
        _sweep_logins(connection, registry, "l.realm = :realm AND l.session_id IN :sessions", values)
    if moved and registry.uses_domains:
        _reconclude_users(connection, realm, registry, sorted(moved))
    return UpdatedSessions(sessions=frozenset(states), users=frozenset(u for u in users if u))


def reconclude(
    connection: Connection, realm: str, registry: Registry, *, aliases: Sequence[str] | None, since_ms: int
) -> None:
    """Attribute sessions again that a change of the registry may affect.

    ``aliases`` are those of the changed partners; None means all. A session from before ``since_ms``
    can only end earlier.
    """
    values = {"realm": realm, "since": since_ms, "aliases": aliases}
    chosen = "" if aliases is None else " AND {}alias IN :aliases"
    _sweep_sessions(
        connection,
        registry,
        f"realm = :realm{chosen.format('')} AND (started_ms >= :since OR partner IS NOT NULL)",
        values,
    )
    _sweep_logins(
        connection, registry, f"l.realm = :realm{chosen.format('l.')} AND l.time_ms >= :since", values
    )


def _refreshes(events: Iterable[RawEvent]) -> dict[tuple[str, str, int], int]:
    found: dict[tuple[str, str, int], int] = {}
    for event in events:
        if event.type != "REFRESH_TOKEN" or event.session_id is None or event.error is not None:
            continue
        if event.is_future:
            continue
        key = (event.realm, event.session_id, event.time_ms - event.time_ms % QUARTER_MS)
        found[key] = min(event.time_ms, found.get(key, event.time_ms))
    return found


def _write_domains(connection: Connection, realm: str, events: Iterable[RawEvent]) -> set[str]:
    rows = [
        (realm, e.user_id, e.time_ms, e.id, e.email_domain)
        for e in events
        if e.email_domain and e.user_id and not e.is_future
    ]
    new = insert_new(connection, "user_domains", ("realm", "user_id", "time_ms", "event_id", "domain"), rows)
    return {str(row[1]) for row in rows} if new else set()


def _domains(
    connection: Connection, realm: str, users: Iterable[str | None], registry: Registry
) -> dict[str, list[DomainFact]]:
    """Return the recorded email domains of users, if a partner identifies test users by domain."""
    if not registry.uses_domains:
        return {}
    wanted = sorted({u for u in users if u})
    columns = "user_id, time_ms, event_id, domain"
    found: dict[str, list[DomainFact]] = {}
    for row in select_by_key(connection, columns, "user_domains", "user_id", wanted, realm=realm):
        found.setdefault(row[0], []).append(DomainFact(*row[1:]))
    return found


def _facts(domains: Mapping[str, Sequence[DomainFact]], user: str | None) -> Sequence[DomainFact]:
    return domains.get(user, ()) if domains and user else ()


def _reconclude_users(connection: Connection, realm: str, registry: Registry, users: Sequence[str]) -> None:
    for ids in in_chunks(users):
        values = {"realm": realm, "users": ids}
        _sweep_sessions(connection, registry, "realm = :realm AND login_user IN :users", values)
        _sweep_logins(connection, registry, "l.realm = :realm AND l.user_id IN :users", values)


_SESSIONS: Final = (
    f"SELECT {', '.join((*STATE_COLUMNS, *CONCLUSION_COLUMNS))} FROM sessions"  # noqa: S608
    " WHERE {which} AND session_id > :after ORDER BY session_id LIMIT {most}"
)
_LOGINS: Final = (
    f"SELECT {', '.join(f'l.{c}' for c in LOGIN_COLUMNS)},"  # noqa: S608
    f" {', '.join(f's.{c} AS s_{c}' for c in CONCLUSION_COLUMNS)}"
    " FROM logins l LEFT JOIN sessions s ON s.realm = l.realm AND s.session_id = l.session_id"
    " WHERE {which} AND l.event_id > :after ORDER BY l.event_id LIMIT {most}"
)


def _pages(
    connection: Connection, sql: str, which: str, values: Mapping[str, Any]
) -> Iterable[Sequence[sa.Row[Any]]]:
    """Yield rows by key, page by page, so that writes between pages do not affect the query."""
    names = [n for n in ("aliases", "users", "sessions") if f":{n}" in which]
    lists: list[sa.BindParameter[Any]] = [sa.bindparam(n, expanding=True) for n in names]
    query = sa.text(sql.format(which=which, most=_SWEEP)).bindparams(*lists)
    used = {k: v for k, v in values.items() if f":{k}" in which}
    after = ""
    while True:
        page = connection.execute(query, {**used, "after": after}).all()
        if page:
            yield page
        if len(page) < _SWEEP:
            return
        after = page[-1][1]


def _sweep_sessions(
    connection: Connection, registry: Registry, which: str, values: Mapping[str, Any]
) -> None:
    for page in _pages(connection, _SESSIONS, which, values):
        realm = page[0].realm
        domains = _domains(connection, realm, (row.login_user for row in page), registry)
        changed = []
        for row in page:
            state = state_of_row(row)
            found = conclude(state, registry, _facts(domains, state.login_user))
            if conclusion_of_row(row) != found:
                changed.append(session_row(realm, row.session_id, state, found))
        write_sessions(connection, changed)


def _sweep_logins(connection: Connection, registry: Registry, which: str, values: Mapping[str, Any]) -> None:
    for page in _pages(connection, _LOGINS, which, values):
        domains = _domains(connection, page[0].realm, (row.user_id for row in page), registry)
        changed = []
        for row in page:
            if row.reason == UnattributedReason.FUTURE:
                continue
            event = login_event(row)
            session = conclusion_of(row[len(LOGIN_COLUMNS) :]) if row.s_started_ms is not None else None
            found = conclude_login(event, session, registry, _facts(domains, event.user_id))
            if (row.partner, row.reason, row.excluded) != found:
                changed.append(login_row(event, found))
        write_logins(connection, changed)


def login_event(row: Any) -> RawEvent:
    """A row of ``logins`` as the event that it came from, as far as conclusions need it."""
    return RawEvent(
        row.realm, row.event_id, row.time_ms, row.time_ms, "LOGIN", row.client_id, row.user_id,
        row.session_id, row.alias, row.subject, None, None, None, None,
    )  # fmt: skip
