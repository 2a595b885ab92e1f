"""Session states and login facts as rows, and back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from partnergate.attribution.concluding import Conclusion
from partnergate.attribution.model import Exclusion, UnattributedReason
from partnergate.attribution.session_state import (
    End,
    FirstEvent,
    FirstLogin,
    SessionState,
)
from partnergate.store.bulk import select_by_key, update_by_key, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.attribution.concluding import LoginConclusion
    from partnergate.events.seen import RawEvent

STATE_COLUMNS: Final = (
    "realm", "session_id", "first_ms", "first_id", "first_user", "login_ms", "login_id", "login_user",
    "alias", "subject", "clients", "marks", "last_ms", "end_ms", "end_id", "end_type",
)  # fmt: skip
CONCLUSION_COLUMNS: Final = ("partner", "reason", "excluded", "started_ms", "ended_ms", "end_reason")
TAIL_COLUMNS: Final = (
    "clients", "marks", "last_ms", "end_ms", "end_id", "end_type", "ended_ms", "end_reason",
)  # fmt: skip
"""What changes while a session goes on."""
LOGIN_COLUMNS: Final = (
    "realm", "event_id", "time_ms", "session_id", "alias", "subject", "user_id", "client_id",
    "partner", "reason", "excluded",
)  # fmt: skip

Row = tuple[Any, ...]
_REASONS: Final[dict[str | None, UnattributedReason | None]] = {None: None} | {
    reason.value: reason for reason in UnattributedReason
}
_EXCLUSIONS: Final[dict[str | None, Exclusion | None]] = {None: None} | {e.value: e for e in Exclusion}


@lru_cache(maxsize=4096)
def clients_text(clients: frozenset[str]) -> str:
    """Clients as stored: a sorted JSON list."""
    return json.dumps(sorted(clients), separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=4096)
def clients_of(text: str) -> frozenset[str]:
    """The clients that are stored as ``text``."""
    return frozenset(json.loads(text))


def session_row(realm: str, session_id: str, state: SessionState, found: Conclusion) -> Row:
    """A session in the order of ``STATE_COLUMNS`` and ``CONCLUSION_COLUMNS``."""
    login, end = state.login, state.end
    return (
        realm, session_id, *state.first,
        login and login.time_ms, login and login.event_id, login and login.user_id,
        login and login.alias, login and login.subject,
        clients_text(state.clients), state.marks, state.last_ms,
        end and end.time_ms, end and end.event_id, end and end.type,
        found.partner, found.reason and found.reason.value, found.excluded and found.excluded.value,
        found.started_ms, found.ended_ms, found.end_reason,
    )  # fmt: skip


def state_of_row(row: Any) -> SessionState:
    """The state in a row that begins with ``STATE_COLUMNS``."""
    (_, _, first_ms, first_id, first_user, login_ms, login_id, login_user, alias, subject, clients, marks,
     last_ms, end_ms, end_id, end_type, *_) = row  # fmt: skip
    return SessionState(
        FirstEvent(first_ms, first_id, first_user),
        FirstLogin(login_ms, login_id, alias, subject, login_user) if login_id is not None else None,
        clients_of(clients),
        marks,
        last_ms,
        End(end_ms, end_id, end_type) if end_id is not None else None,
    )


class KnownSession(NamedTuple):
    """A session as it is stored."""

    state: SessionState
    conclusion: Conclusion


def stored_sessions(connection: Connection, realm: str, sessions: Sequence[str]) -> dict[str, KnownSession]:
    """Those sessions that are known."""
    columns = ", ".join((*STATE_COLUMNS, *CONCLUSION_COLUMNS))
    rows = select_by_key(connection, columns, "sessions", "session_id", sessions, realm=realm)
    return {row[1]: KnownSession(state_of_row(row), conclusion_of_row(row)) for row in rows}


def conclusion_of_row(row: Any) -> Conclusion:
    """The conclusion in a row of ``STATE_COLUMNS`` and ``CONCLUSION_COLUMNS``."""
    return conclusion_of(row[len(STATE_COLUMNS) :])


def conclusion_of(values: Any) -> Conclusion:
    """The conclusion in values of ``CONCLUSION_COLUMNS``."""
    partner, reason, excluded, started_ms, ended_ms, end_reason = values
    return Conclusion(
        partner,
        _REASONS[reason],
        _EXCLUSIONS[excluded],
        started_ms,
        ended_ms,
        end_reason,
    )


def write_sessions(connection: Connection, rows: Sequence[Row]) -> None:
    """Write sessions over what was known of them."""
    columns = (*STATE_COLUMNS, *CONCLUSION_COLUMNS)
    upsert(connection, "sessions", columns, rows, key=("realm", "session_id"))


def write_changes(
    connection: Connection,
    realm: str,
    known: Mapping[str, KnownSession],
    found: Mapping[str, KnownSession],
) -> None:
    """Write what is new or other than known. Most sessions only go on or end, which touches no index."""
    whole, tails = [], []
    for session, now in found.items():
        before = known.get(session)
        if before is None or before.state[:2] != now.state[:2] or before.conclusion[:4] != now.conclusion[:4]:
            whole.append(session_row(realm, session, now.state, now.conclusion))
        elif before != now:
            state, end, conclusion = now.state, now.state.end, now.conclusion
            tails.append((
                clients_text(state.clients), state.marks, state.last_ms,
                end and end.time_ms, end and end.event_id, end and end.type,
                conclusion.ended_ms, conclusion.end_reason, realm, session,
            ))  # fmt: skip
    write_sessions(connection, whole)
    update_by_key(connection, "sessions", TAIL_COLUMNS, tails, key=("realm", "session_id"))


def login_row(event: RawEvent, found: LoginConclusion) -> Row:
    """A brokered login in the order of ``LOGIN_COLUMNS``."""
    return (
        event.realm, event.id, event.time_ms, event.session_id, event.alias, event.subject, event.user_id,
        event.client_id, found.partner, found.reason and found.reason.value,
        found.excluded and found.excluded.value,
    )  # fmt: skip


def write_logins(connection: Connection, rows: Sequence[Row]) -> None:
    """Write logins over what was concluded of them."""
    upsert(connection, "logins", LOGIN_COLUMNS, rows, key=("realm", "event_id"))


def write_refreshes(connection: Connection, found: Iterable[tuple[tuple[str, str, int], int]]) -> None:
    """Write the first refresh of each session in each quarter of an hour: (realm, session, quarter), time."""
    upsert(
        connection,
        "refreshes",
        ("realm", "session_id", "quarter_ms", "first_ms"),
        [(*key, first) for key, first in found],
        key=("realm", "session_id", "quarter_ms"),
        smallest="first_ms",
    )
