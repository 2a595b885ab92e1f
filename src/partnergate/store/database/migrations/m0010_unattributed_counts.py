"""The numbers of unattributed sessions and usage events, by reason, so that no query has to count them."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 10
NAME: Final = "unattributed_counts"

_SESSIONS, _USAGE = 0, 1

_WATCHED: Final = (
    # Table, the columns that decide, of which rows, and how each of them adds up to a realm's counts.
    (
        "sessions",
        ("partner", "reason"),
        "{row}.partner IS NULL AND {row}.reason IS NOT NULL",
        f"SELECT r.realm, {_SESSIONS}, r.reason, {{sign}}count(*) FROM {{rows}} r",  # noqa: S608
    ),
    (
        "usage_attributed",
        ("reason",),
        "{row}.reason IS NOT NULL",
        (
            f"SELECT s.realm, {_USAGE}, r.reason, {{sign}}count(*) FROM {{rows}} r"  # noqa: S608
            " JOIN usage_events e ON e.seq = r.seq JOIN usage_sources s ON s.no = e.source_no"
        ),
    ),
)


def _add(of: str, which: str, rows: str, sign: str = "") -> str:
    selected = of.format(rows=rows, sign=sign)
    return (
        "INSERT INTO unattributed_counts (realm, what, reason, number) "
        f"{selected} WHERE {which.format(row='r')} GROUP BY 1, 3 ON CONFLICT (realm, what, reason) "
        "DO UPDATE SET number = unattributed_counts.number + excluded.number"
    )


def _one(row: str, columns: tuple[str, ...]) -> str:
    return f"(SELECT {', '.join(f'{row}.{c} AS {c}' for c in columns)})"


def _row(columns: tuple[str, ...], table: str) -> tuple[str, ...]:
    return ("realm", *columns) if table == "sessions" else ("seq", *columns)


def _sqlite(table: str, columns: tuple[str, ...], which: str, of: str) -> tuple[str, ...]:
    def add(row: str, sign: str = "") -> str:
        return _add(of, which, _one(row, _row(columns, table)), sign) + ";"

    head = f"-- only sqlite\nCREATE TRIGGER {table}_unattributed"
    changed = " OR ".join(f"old.{c} IS NOT new.{c}" for c in columns)
    new, old = which.format(row="new"), which.format(row="old")
    return (
        f"{head}_new AFTER INSERT ON {table} WHEN {new} BEGIN {add('new')} END",
        f"{head}_changed AFTER UPDATE ON {table} WHEN {changed} BEGIN {add('old', '-')} {add('new')} END",
        f"{head}_gone AFTER DELETE ON {table} WHEN {old} BEGIN {add('old', '-')} END",
    )


def _postgresql(table: str, columns: tuple[str, ...], which: str, of: str) -> tuple[str, ...]:
    def function(name: str, *statements: str) -> str:
        return (
            f"-- only postgresql\nCREATE FUNCTION {table}_unattributed_{name}() RETURNS trigger "
            f"LANGUAGE plpgsql AS $$ BEGIN {' '.join(f'{s};' for s in statements)} RETURN NULL; END $$"
        )

    def add(row: str, sign: str = "") -> str:
        return _add(of, which, _one(row, _row(columns, table)), sign)

    head = f"-- only postgresql\nCREATE TRIGGER {table}_unattributed"
    run = f"EXECUTE FUNCTION {table}_unattributed"
    changed = " OR ".join(f"old.{c} IS DISTINCT FROM new.{c}" for c in columns)
    return (
        function("new", _add(of, which, "new_rows")),
        function("changed", add("old", "-"), add("new")),
        function("gone", add("old", "-")),
        # Rows come by the thousand, so the insertion is counted once a statement.
        (
            f"{head}_new AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
            f"{run}_new()"
        ),
        f"{head}_changed AFTER UPDATE ON {table} FOR EACH ROW WHEN ({changed}) {run}_changed()",
        (f"{head}_gone AFTER DELETE ON {table} FOR EACH ROW WHEN ({which.format(row='old')}) {run}_gone()"),
    )


COUNT_ALL: Final = (
    "DELETE FROM unattributed_counts",
    *(_add(of, which, table) for table, _, which, of in _WATCHED),
)
"""Counts everything, as the triggers would have."""

STATEMENTS: Final = (
    # Derived: ``what`` is 0 for sessions, 1 for usage events.
    """
    CREATE TABLE unattributed_counts (
        realm TEXT NOT NULL,
        what INTEGER NOT NULL,
        reason TEXT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (realm, what, reason)
    )
    """,
    *COUNT_ALL,
    *(statement for watched in _WATCHED for statement in _sqlite(*watched)),
    *(statement for watched in _WATCHED for statement in _postgresql(*watched)),
)
