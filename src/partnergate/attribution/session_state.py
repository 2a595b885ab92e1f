"""The state of one session, merged from its events in any order and in any batches.

A merged state contains the earliest, latest, or union of the values of its events. Merging is commutative,
associative, and idempotent, so late events, repeated events, and two readers lead to the same state.

States are flat tuples, as they are stored, because about 50,000 states a second are merged with stored ones.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.canonical_json import canonical_json
from partnergate.events.seen import FUTURE_BOUND_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.events.seen import RawEvent

LOGGED_IN: Final = 1
"""Some LOGIN was seen, brokered or not."""
IMPERSONATED: Final = 2
MACHINE: Final = 4
"""A service account, or tokens exchanged without a login."""
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
"""Event types that carry information about a session."""


class SessionState(NamedTuple):
    """The merged events of a session. If no event supplied a part, all fields of that part are None."""

    first_ms: int
    """The first event of any kind, by time and then id."""
    first_id: str
    first_user: str | None
    login_ms: int | None
    """The first LOGIN, by time and then id, that a provider brokered."""
    login_id: str | None
    login_user: str | None
    alias: str | None
    subject: str | None
    clients: str
    """Clients of the host and of Keycloak that got a login or a token in it: a sorted JSON list."""
    marks: int
    last_ms: int
    """The latest login, token or refresh."""
    end_ms: int | None
    """The first event that ended it."""
    end_id: str | None
    end_type: str | None


LOGIN: Final = slice(3, 8)
"""The fields of the first brokered login."""
END: Final = slice(11, 14)
"""The fields of the end."""
NO_CLIENTS: Final = "[]"
_NO_LOGIN: Final = (None,) * 5
_NO_END: Final = (None,) * 3
_new: Final = tuple.__new__  # what NamedTuple itself calls, without a call of Python around it


@lru_cache(maxsize=4096)
def clients_text(clients: frozenset[str]) -> str:
    """Return a set of clients as a state stores it: a sorted JSON list."""
    return canonical_json(sorted(clients))


@lru_cache(maxsize=4096)
def clients_of(text: str) -> frozenset[str]:
    """Return the clients in the text that ``clients_text`` wrote."""
    return frozenset(json.loads(text))


@lru_cache(maxsize=4096)
def _one_client(client: str | None) -> str:
    return clients_text(frozenset((client,))) if client else NO_CLIENTS


@lru_cache(maxsize=4096)
def _both(one: str, other: str) -> str:
    return clients_text(clients_of(one) | clients_of(other))


def state_of(event: RawEvent) -> SessionState:
    """Return the state of a session with one event."""
    _, event_id, at, _, kind, client, user, _, alias, subject, _, _, _, details = event
    marks = _MARKS.get(kind, 0)
    if details:
        if '"service":true' in details:
            marks |= MACHINE
        if '"refresh_token_type":"Offline"' in details:
            marks |= OFFLINE
    login = (at, event_id, user, alias, subject) if kind == _LOGIN and alias else _NO_LOGIN
    clients = _one_client(client) if kind in _ACTIVE else NO_CLIENTS
    end = (at, event_id, kind) if kind in _ENDS else _NO_END
    return _new(SessionState, (at, event_id, user, *login, clients, marks, at, *end))


def join(one: SessionState, other: SessionState) -> SessionState:
    """Return the merge of two states."""
    first = one[:3] if one[:2] <= other[:2] else other[:3]
    login = one[3:8] if _is_first(one[3], one[4], other[3], other[4]) else other[3:8]
    end = one[11:14] if _is_first(one[11], one[12], other[11], other[12]) else other[11:14]
    clients = one[8] if one[8] == other[8] else _both(one[8], other[8])
    last = one[10] if one[10] >= other[10] else other[10]  # noqa: FURB136 - a call costs twice as much
    return _new(SessionState, (*first, *login, clients, one[9] | other[9], last, *end))


def _is_first(ms: int | None, event_id: str | None, other_ms: int | None, other_id: str | None) -> bool:
    """Whether the first event exists and is not later than the other, by time and then by ID."""
    if ms is None or other_ms is None:
        return other_ms is None
    return ms < other_ms or (ms == other_ms and (event_id or "") <= (other_id or ""))


def states_of(events: Iterable[RawEvent]) -> dict[str, SessionState]:
    """Session id -> its state from a batch of one realm. Events with times in the future are ignored."""
    found: dict[str, SessionState] = {}
    for event in events:
        session = event.session_id
        if session is None or event.error is not None or event.type not in SESSION_TYPES:
            continue
        if event.time_ms > event.seen_ms + FUTURE_BOUND_MS:
            continue
        known = found.get(session)
        state = state_of(event)
        found[session] = state if known is None else join(known, state)
    return found
