"""Refreshes and usage by hour as well: the active users of a partner, by every rule.

``login_hours`` gets two kinds more: 2 is refreshes, 3 is users with usage.
"""

from __future__ import annotations

from typing import Final

NUMBER: Final = 12
NAME: Final = "people_hours"

_REFRESHES, _USED = 2, 3

_COLUMNS: Final = ("partner", "subject", "login_user", "excluded")
"""Of a session, which the rollup of its refreshes depends on."""

_OF_REFRESH = (
    f"SELECT DISTINCT s.realm, s.partner, {_REFRESHES}, r.first_ms / 3600000 FROM {{rows}} r "  # noqa: S608
    "JOIN sessions s ON s.realm = r.realm AND s.session_id = r.session_id WHERE s.partner IS NOT NULL"
)
_OF_SESSION = (
    f"SELECT DISTINCT s.realm, s.partner, {_REFRESHES}, r.first_ms / 3600000 FROM {{rows}} s "  # noqa: S608
    "JOIN refreshes r ON r.realm = s.realm AND r.session_id = s.session_id WHERE s.partner IS NOT NULL"
)
_OF_USAGE = (
    f"SELECT DISTINCT o.realm, o.partner, {_USED}, u.quarter / 4 FROM {{rows}} u "  # noqa: S608
    "JOIN usage_owners o ON o.no = u.owner_no WHERE u.quarter IS NOT NULL"
)
_WATCHED: Final = (
    # Table, the columns of a row that are read, what it notes, and when a changed row is noted.
    ("refreshes", ("realm", "session_id", "first_ms"), _OF_REFRESH, ("first_ms",)),
    ("sessions", ("realm", "session_id", "partner"), _OF_SESSION, _COLUMNS),
    ("usage_seen", ("owner_no", "quarter"), _OF_USAGE, ("owner_no", "quarter")),
)


def _note(selects: str, rows: str) -> str:
    return (
        f"INSERT INTO login_stale (realm, partner, kind, hour) {selects.format(rows=rows)} "
        "ON CONFLICT DO NOTHING"
    )


def _one(row: str, columns: tuple[str, ...]) -> str:
    return f"(SELECT {', '.join(f'{row}.{c} AS {c}' for c in columns)})"


def _sqlite(table: str, read: tuple[str, ...], selects: str, changes: tuple[str, ...]) -> tuple[str, ...]:
    old, new = (f"{_note(selects, _one(row, read))};" for row in ("old", "new"))
    head = f"-- only sqlite\nCREATE TRIGGER {table}_people"
    changed = " OR ".join(f"old.{c} IS NOT new.{c}" for c in changes)
    return (
        f"{head}_new AFTER INSERT ON {table} BEGIN {new} END",
        f"{head}_changed AFTER UPDATE ON {table} WHEN {changed} BEGIN {old} {new} END",
        f"{head}_gone AFTER DELETE ON {table} BEGIN {old} END",
    )


def _postgresql(table: str, read: tuple[str, ...], selects: str, changes: tuple[str, ...]) -> tuple[str, ...]:
    def function(name: str, *rows: str) -> str:
        return (
            f"-- only postgresql\nCREATE FUNCTION {table}_people_{name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {' '.join(f'{_note(selects, r)};' for r in rows)} RETURN NULL; END $$"
        )

    head = f"-- only postgresql\nCREATE TRIGGER {table}_people"
    of_all, run = "FOR EACH STATEMENT", f"EXECUTE FUNCTION {table}_people"
    changed = " OR ".join(f"old.{c} IS DISTINCT FROM new.{c}" for c in changes)
    return (
        function("new", "new_rows"),
        function("changed", _one("old", read), _one("new", read)),
        function("gone", "old_rows"),
        f"{head}_new AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows {of_all} {run}_new()",
        f"{head}_changed AFTER UPDATE ON {table} FOR EACH ROW WHEN ({changed}) {run}_changed()",
        f"{head}_gone AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows {of_all} {run}_gone()",
    )


STATEMENTS: Final = (
    # The refreshes of an hour are looked for by time, hours to count by kind and time.
    "CREATE INDEX refreshes_time ON refreshes (realm, first_ms)",
    "CREATE INDEX login_stale_hour ON login_stale (realm, kind, hour, partner)",
    _note(_OF_REFRESH, "refreshes"),
    _note(_OF_USAGE, "usage_seen"),
    *(statement for watched in _WATCHED for statement in _sqlite(*watched)),
    *(statement for watched in _WATCHED for statement in _postgresql(*watched)),
)
