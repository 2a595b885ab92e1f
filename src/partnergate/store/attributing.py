"""Joins a batch of raw events into sessions, logins and activity, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from partnergate.attribution.concluding import DomainFact, conclude, conclude_login
from partnergate.attribution.session_state import QUARTER_MS, join, states_of
from partnergate.events.seen import RawEvent
from partnergate.store.bulk import in_chunks, insert_new
from partnergate.store.session_rows import (
    CONCLUSION_COLUMNS,
    LOGIN_COLUMNS,
    STATE_COLUMNS,
    login_row,
    session_row,
    state_of_row,
    stored_states,
    write_logins,
    write_refreshes,
    write_sessions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.attribution.registry import Registry

_SWEEP = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Of what a batch may have changed the conclusion; usage that waits for it can be attributed now."""

    sessions: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()


def attribute_events(
    connection: Connection, realm: str, events: Sequence[RawEvent], registry: Registry
) -> Touched:
    """Join the events into what is known. Doing it again, or in another order, changes nothing."""
    states = states_of(events)
    for session, known in stored_states(connection, realm, tuple(states)).items():
        states[session] = join(known, states[session])
    logins = [e for e in events if e.type == "LOGIN" and e.alias and e.error is None]
    moved = _write_domains(connection, realm, events)
    users = {s.login.user_id for s in states.values() if s.login} | {e.user_id for e in logins}
    domains = _domains(connection, realm, users, registry)
    write_sessions(
        connection,
        [
            session_row(realm, session, state, conclude(state, registry, _facts(domains, state.login)))
            for session, state in states.items()
        ],
    )
    write_logins(connection, [login_row(e, conclude_login(e, registry, _facts(domains, e))) for e in logins])
    write_refreshes(connection, _refreshes(events).items())
    if moved and registry.uses_domains:
        _reconclude_users(connection, realm, registry, sorted(moved))
    return Touched(sessions=frozenset(states), users=frozenset(u for u in users if u))


def reconclude(
    connection: Connection, realm: str, registry: Registry, *, aliases: Sequence[str] | None, since_ms: int
) -> None:
    """Draw the conclusions again that a change of the registry may have changed.

    ``aliases`` are those of the changed partners, none for all. A session from before ``since_ms``
    can only end earlier.
    """
    which, values = "realm = :realm", {"realm": realm, "since": since_ms, "aliases": aliases}
    if aliases is not None:
        which += " AND alias IN :aliases"
    _sweep_sessions(
        connection, registry, f"{which} AND (started_ms >= :since OR partner IS NOT NULL)", values
    )
    _sweep_logins(connection, registry, f"{which} AND time_ms >= :since", values)


def _refreshes(events: Iterable[RawEvent]) -> dict[tuple[str, str, int], int]:
    found: dict[tuple[str, str, int], int] = {}
    for event in events:
        if event.type != "REFRESH_TOKEN" or event.session_id is None or event.error is not None:
            continue
        if event.from_the_future:
            continue
        key = (event.realm, event.session_id, event.time_ms - event.time_ms % QUARTER_MS)
        found[key] = min(event.time_ms, found.get(key, event.time_ms))
    return found


def _write_domains(connection: Connection, realm: str, events: Iterable[RawEvent]) -> set[str]:
    rows = [
        (realm, e.user_id, e.time_ms, e.id, e.email_domain)
        for e in events
        if e.email_domain and e.user_id and not e.from_the_future
    ]
    new = insert_new(connection, "user_domains", ("realm", "user_id", "time_ms", "event_id", "domain"), rows)
    return {str(row[1]) for row in rows} if new else set()


def _domains(
    connection: Connection, realm: str, users: Iterable[str | None], registry: Registry
) -> dict[str, list[DomainFact]]:
    """What is known of users' e-mail domains, where some partner names test users by them."""
    if not registry.uses_domains:
        return {}
    query = sa.text(
        "SELECT user_id, time_ms, event_id, domain FROM user_domains"
        " WHERE realm = :realm AND user_id IN :users"
    ).bindparams(sa.bindparam("users", expanding=True))
    found: dict[str, list[DomainFact]] = {}
    for ids in in_chunks(sorted(u for u in set(users) if u)):
        for row in connection.execute(query, {"realm": realm, "users": ids}):
            found.setdefault(row.user_id, []).append(DomainFact(row.time_ms, row.event_id, row.domain))
    return found


def _facts(domains: Mapping[str, Sequence[DomainFact]], who: Any) -> Sequence[DomainFact]:
    return domains.get(who.user_id or "", ()) if domains and who is not None else ()


def _reconclude_users(connection: Connection, realm: str, registry: Registry, users: Sequence[str]) -> None:
    for ids in in_chunks(users):
        values = {"realm": realm, "users": ids}
        _sweep_sessions(connection, registry, "realm = :realm AND login_user IN :users", values)
        _sweep_logins(connection, registry, "realm = :realm AND user_id IN :users", values)


class _Rows(NamedTuple):
    """Rows of a table by the order of a key."""

    table: str
    columns: Sequence[str]
    key: str


_SESSIONS = _Rows("sessions", (*STATE_COLUMNS, *CONCLUSION_COLUMNS), "session_id")
_LOGINS = _Rows("logins", LOGIN_COLUMNS, "event_id")


def _swept(
    connection: Connection, rows: _Rows, which: str, values: Mapping[str, Any]
) -> Iterable[Sequence[Any]]:
    """Pages of rows in the order of their key, so that writing them disturbs nothing."""
    lists: list[sa.BindParameter[Any]] = [
        sa.bindparam(n, expanding=True) for n in ("aliases", "users") if f":{n}" in which
    ]
    query = sa.text(
        f"SELECT {', '.join(rows.columns)} FROM {rows.table}"  # noqa: S608 - names of this package
        f" WHERE {which} AND {rows.key} > :after ORDER BY {rows.key} LIMIT {_SWEEP}"
    ).bindparams(*lists)
    after = ""
    while True:
        used = {k: v for k, v in values.items() if f":{k}" in which}
        page = connection.execute(query, {**used, "after": after}).all()
        if page:
            yield page
        if len(page) < _SWEEP:
            return
        after = getattr(page[-1], rows.key)


def _sweep_sessions(
    connection: Connection, registry: Registry, which: str, values: Mapping[str, Any]
) -> None:
    for page in _swept(connection, _SESSIONS, which, values):
        realm = page[0].realm
        domains = _domains(connection, realm, (row.login_user for row in page), registry)
        changed = []
        for row in page:
            state = state_of_row(row)
            found = conclude(state, registry, _facts(domains, state.login))
            if tuple(row[len(STATE_COLUMNS) :]) != found:
                changed.append(session_row(realm, row.session_id, state, found))
        write_sessions(connection, changed)


def _sweep_logins(connection: Connection, registry: Registry, which: str, values: Mapping[str, Any]) -> None:
    for page in _swept(connection, _LOGINS, which, values):
        realm = page[0].realm
        domains = _domains(connection, realm, (row.user_id for row in page), registry)
        changed = []
        for row in page:
            if row.reason == "future":
                continue
            event = login_event(row)
            found = conclude_login(event, registry, _facts(domains, event))
            if (row.partner, row.reason, row.excluded) != found:
                changed.append(login_row(event, found))
        write_logins(connection, changed)


def login_event(row: Any) -> RawEvent:
    """A row of ``logins`` as the event that it came from, as far as conclusions need it."""
    return RawEvent(
        row.realm, row.event_id, row.time_ms, row.time_ms, "LOGIN", row.client_id, row.user_id,
        row.session_id, row.alias, row.subject, None, None, None, None,
    )  # fmt: skip
