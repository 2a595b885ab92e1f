"""Session states and login facts as rows, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.attribution.concluding import Conclusion
from partnergate.attribution.outcome import Exclusion, UnattributedReason
from partnergate.attribution.session_state import SessionState
from partnergate.store.database.bulk import append, select_by_key, update_by_key, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
"""The columns that change while a session is active."""
LOGIN_COLUMNS: Final = (
    "realm", "event_id", "time_ms", "session_id", "alias", "subject", "user_id", "client_id",
    "partner", "reason", "excluded",
)  # fmt: skip

Row = tuple[Any, ...]
_new: Final = tuple.__new__  # what NamedTuple itself calls, without a call of Python around it
_REASONS: Final[dict[str | None, UnattributedReason | None]] = {None: None} | {
    reason.value: reason for reason in UnattributedReason
}
_EXCLUSIONS: Final[dict[str | None, Exclusion | None]] = {None: None} | {e.value: e for e in Exclusion}


def session_row(realm: str, session_id: str, state: SessionState, found: Conclusion) -> Row:
    """A session in the order of ``STATE_COLUMNS`` and ``CONCLUSION_COLUMNS``."""
    partner, reason, excluded, *times = found
    return (
        realm, session_id, *state, partner, reason and reason.value, excluded and excluded.value, *times,
    )  # fmt: skip


def state_of_row(row: Any) -> SessionState:
    """The state in a row that begins with ``STATE_COLUMNS``."""
    return _new(SessionState, row[2:16])


def stored_sessions(connection: Connection, realm: str, sessions: Sequence[str]) -> dict[str, Row]:
    """Those sessions that are known, as rows of ``STATE_COLUMNS`` and ``CONCLUSION_COLUMNS``."""
    columns = ", ".join((*STATE_COLUMNS, *CONCLUSION_COLUMNS))
    rows = select_by_key(connection, columns, "sessions", "session_id", sessions, realm=realm)
    return {row[1]: row for row in rows}


def conclusion_of_row(row: Any) -> Conclusion:
    """The conclusion in a row of ``STATE_COLUMNS`` and ``CONCLUSION_COLUMNS``."""
    return conclusion_of(row[16:22])


def conclusion_of(values: Any) -> Conclusion:
    """The conclusion in values of ``CONCLUSION_COLUMNS``."""
    partner, reason, excluded, started_ms, ended_ms, end_reason = values
    return _new(
        Conclusion,
        (partner, _REASONS[reason], _EXCLUSIONS[excluded], started_ms, ended_ms, end_reason),
    )


class SessionChanges:
    """The changes of sessions by one batch. Most sessions only continue or end, which updates no index."""

    def __init__(self, realm: str) -> None:
        self._realm = realm
        self._new: list[Row] = []
        self._whole: list[Row] = []
        self._tails: list[Row] = []

    def new(self, session: str, state: SessionState, found: Conclusion) -> None:
        """Add a new session."""
        self._new.append(session_row(self._realm, session, state, found))

    def changed(self, before: Row, state: SessionState, found: Conclusion) -> None:
        """Add a change of the session with the stored row ``before``."""
        if before[2:10] != state[:8] or before[16:20] != found[:4]:
            self._whole.append(session_row(self._realm, before[1], state, found))
        else:
            self._tails.append((*state[8:14], found.ended_ms, found.end_reason, self._realm, before[1]))

    def write(self, connection: Connection) -> None:
        """Write them, each session once."""
        append(connection, "sessions", (*STATE_COLUMNS, *CONCLUSION_COLUMNS), self._new)
        write_sessions(connection, self._whole)
        update_by_key(connection, "sessions", TAIL_COLUMNS, self._tails, key=("realm", "session_id"))


def write_sessions(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert or replace sessions."""
    columns = (*STATE_COLUMNS, *CONCLUSION_COLUMNS)
    upsert(connection, "sessions", columns, rows, key=("realm", "session_id"))


def login_row(event: RawEvent, found: LoginConclusion) -> Row:
    """A brokered login in the order of ``LOGIN_COLUMNS``."""
    return (
        event.realm, event.id, event.time_ms, event.session_id, event.alias, event.subject, event.user_id,
        event.client_id, found.partner, found.reason and found.reason.value,
        found.excluded and found.excluded.value,
    )  # fmt: skip


def write_logins(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert logins, or replace their conclusions."""
    upsert(connection, "logins", LOGIN_COLUMNS, rows, key=("realm", "event_id"))


def append_logins(connection: Connection, rows: Sequence[Row]) -> None:
    """Write logins that were not known."""
    append(connection, "logins", LOGIN_COLUMNS, rows)


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
