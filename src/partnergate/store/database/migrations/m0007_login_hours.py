"""Logins and sessions of each partner by hour, so that a period need not read every one of them."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 7
NAME: Final = "login_hours"

_WATCHED: Final = (
    # Table, kind, time, further columns that a rollup depends on.
    ("logins", 0, "time_ms", ("subject", "user_id")),
    ("sessions", 1, "started_ms", ()),
)


def _changed(time: str, others: tuple[str, ...], unlike: str) -> str:
    return " OR ".join(f"old.{c} {unlike} new.{c}" for c in ("partner", "excluded", time, *others))


def _values(row: str, kind: int, time: str) -> str:
    return f"{row}.realm, {row}.partner, {kind}, {row}.{time} / 3600000"


def _sqlite(table: str, kind: int, time: str, others: tuple[str, ...]) -> tuple[str, ...]:
    def note(row: str) -> str:
        return (
            "INSERT INTO login_stale (realm, partner, kind, hour) "
            f"SELECT {_values(row, kind, time)} WHERE {row}.partner IS NOT NULL ON CONFLICT DO NOTHING;"
        )

    head = f"-- only sqlite\nCREATE TRIGGER {table}_hour"
    changed = _changed(time, others, "IS NOT")
    return (
        f"{head}_new AFTER INSERT ON {table} WHEN new.partner IS NOT NULL BEGIN {note('new')} END",
        f"{head}_changed AFTER UPDATE ON {table} WHEN {changed} BEGIN {note('old')} {note('new')} END",
        f"{head}_gone AFTER DELETE ON {table} WHEN old.partner IS NOT NULL BEGIN {note('old')} END",
    )


def _postgresql(table: str, kind: int, time: str, others: tuple[str, ...]) -> tuple[str, ...]:
    def note(name: str, selects: str) -> str:
        return (
            f"-- only postgresql\nCREATE FUNCTION {table}_hour_{name}() RETURNS trigger "
            "LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO login_stale (realm, partner, kind, hour) {selects} ON CONFLICT DO NOTHING; "
            "RETURN NULL; END $$"
        )

    def one(row: str) -> str:
        return f"SELECT {_values(row, kind, time)} WHERE {row}.partner IS NOT NULL"

    head = f"-- only postgresql\nCREATE TRIGGER {table}_hour"
    # Rows come by the thousand, so the insertion is noted once a statement.
    of_all = f"SELECT DISTINCT {_values('r', kind, time)} FROM new_rows r WHERE r.partner IS NOT NULL"  # noqa: S608
    return (
        note("new", of_all),
        note("changed", f"{one('old')} UNION {one('new')}"),
        note("gone", one("old")),
        (
            f"{head}_new AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
            f"EXECUTE FUNCTION {table}_hour_new()"
        ),
        (
            f"{head}_changed AFTER UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({_changed(time, others, 'IS DISTINCT FROM')}) EXECUTE FUNCTION {table}_hour_changed()"
        ),
        f"{head}_gone AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_hour_gone()",
    )


STATEMENTS: Final = (
    # Derived: kind 0 is logins, 1 sessions by their start; ``excluded`` is empty where billed.
    # ``subjects`` and ``users`` are bit sets: bit n, from the low end, is the user with that number.
    """
    CREATE TABLE login_hours (
        realm TEXT NOT NULL,
        partner TEXT NOT NULL,
        kind INTEGER NOT NULL,
        hour BIGINT NOT NULL,
        excluded TEXT NOT NULL,
        count BIGINT NOT NULL,
        weight {blob} NOT NULL,
        subjects {blob} NOT NULL,
        users {blob} NOT NULL,
        PRIMARY KEY (realm, partner, kind, hour, excluded)
    ) {clustered}
    """,
    """
    CREATE TABLE login_people (
        realm TEXT NOT NULL,
        partner TEXT NOT NULL,
        who INTEGER NOT NULL,
        person TEXT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (realm, partner, who, person)
    ) {clustered}
    """,
    # Hours with a missing or outdated rollup. Triggers record them, so that no writer can omit it.
    """
    CREATE TABLE login_stale (
        realm TEXT NOT NULL,
        partner TEXT NOT NULL,
        kind INTEGER NOT NULL,
        hour BIGINT NOT NULL,
        PRIMARY KEY (realm, partner, kind, hour)
    ) {clustered}
    """,
    *(
        f"INSERT INTO login_stale SELECT DISTINCT {_values('r', kind, time)} FROM {table} r "  # noqa: S608
        "WHERE r.partner IS NOT NULL"
        for table, kind, time, _ in _WATCHED
    ),
    *(statement for watched in _WATCHED for statement in _sqlite(*watched)),
    *(statement for watched in _WATCHED for statement in _postgresql(*watched)),
)
