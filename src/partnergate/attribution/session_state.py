"""What the events of one session say together, whatever order and batches they come in.

A state is a join of what single events say: earliest, latest, union. Joining is commutative,
associative and idempotent, so late events, repeated events and two readers all end in one state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.events.seen import RawEvent

LOGGED_IN: Final = 1
"""Some LOGIN was seen, brokered or not."""
IMPERSONATED: Final = 2
MACHINE: Final = 4
"""A service account, or tokens exchanged without anybody logging in."""
OFFLINE: Final = 8
"""An offline token was refreshed: its session outlives logout and lifespan."""

QUARTER_MS: Final = 900_000
"""Local days of every time zone begin at a quarter of an hour."""

_LOGIN: Final = "LOGIN"
_ACTIVE: Final = frozenset({"LOGIN", "CODE_TO_TOKEN", "REFRESH_TOKEN"})
_ENDS: Final = frozenset({"LOGOUT", "USER_SESSION_DELETED"})
_MARKS: Final = {
    "LOGIN": LOGGED_IN,
    "IMPERSONATE": IMPERSONATED,
    "CLIENT_LOGIN": MACHINE,
    "TOKEN_EXCHANGE": MACHINE,
    "JWT_AUTHORIZATION_GRANT": MACHINE,
}
SESSION_TYPES: Final = _ACTIVE | _ENDS | frozenset(_MARKS)
"""Events that say something about a session."""


class FirstLogin(NamedTuple):
    """The first LOGIN, by time and then id, that a provider brokered."""

    time_ms: int
    event_id: str
    alias: str
    subject: str | None
    user_id: str | None


class FirstEvent(NamedTuple):
    """The first event of any kind."""

    time_ms: int
    event_id: str
    user_id: str | None


class End(NamedTuple):
    """The first event that ended the session."""

    time_ms: int
    event_id: str
    type: str


_T = TypeVar("_T", FirstLogin, End)


class SessionState(NamedTuple):
    """The join of a session's events."""

    first: FirstEvent
    login: FirstLogin | None
    clients: frozenset[str]
    """Those of the host and of Keycloak that got a login or a token in it."""
    marks: int
    last_ms: int
    """The latest login, token or refresh."""
    end: End | None


def state_of(event: RawEvent) -> SessionState:
    """What one event says about its session."""
    kind, at, event_id = event.type, event.time_ms, event.id
    marks = _MARKS.get(kind, 0)
    login = None
    if kind == _LOGIN and event.alias:
        login = FirstLogin(at, event_id, event.alias, event.subject, event.user_id)
    if event.details:
        if '"service":true' in event.details:
            marks |= MACHINE
        if '"refresh_token_type":"Offline"' in event.details:
            marks |= OFFLINE
    active = kind in _ACTIVE
    return SessionState(
        FirstEvent(at, event_id, event.user_id),
        login,
        frozenset((event.client_id,)) if active and event.client_id else frozenset(),
        marks,
        at,
        End(at, event_id, kind) if kind in _ENDS else None,
    )


def join(one: SessionState, other: SessionState) -> SessionState:
    """What two states of a session say together."""
    return SessionState(
        one.first if one.first[:2] <= other.first[:2] else other.first,
        _earlier(one.login, other.login),
        one.clients if other.clients <= one.clients else one.clients | other.clients,
        one.marks | other.marks,
        max(one.last_ms, other.last_ms),
        _earlier(one.end, other.end),
    )


def _earlier(one: _T | None, other: _T | None) -> _T | None:
    if one is None or other is None:
        return one if other is None else other
    return one if one[:2] <= other[:2] else other


def states_of(events: Iterable[RawEvent]) -> dict[str, SessionState]:
    """Session id -> what a batch of one realm says about it. Events from the future say nothing."""
    found: dict[str, SessionState] = {}
    for event in events:
        session = event.session_id
        if session is None or event.error is not None or event.type not in SESSION_TYPES:
            continue
        if event.from_the_future:
            continue
        known = found.get(session)
        state = state_of(event)
        found[session] = state if known is None else join(known, state)
    return found
