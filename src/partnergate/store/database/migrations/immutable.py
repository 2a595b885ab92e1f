"""Triggers for tables whose rows are appended and never change."""

from __future__ import annotations


def never_changed(table: str, message: str, *keys: str) -> tuple[str, ...]:
    """Triggers that reject every change of an existing row, on both databases.

    SQLite also changes a row by ``REPLACE``, which no trigger of update or delete sees.
    """
    there = " OR ".join(
        "(" + " AND ".join(f"{column} = new.{column}" for column in key.split()) + ")" for key in keys
    )
    replaced = (
        f"-- only sqlite\nCREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )
    sqlite = tuple(
        f"-- only sqlite\nCREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for verb in ("UPDATE", "DELETE")
    )
    function = (
        f"-- only postgresql\nCREATE FUNCTION {table}_refuse() RETURNS trigger AS "
        f"'BEGIN RAISE EXCEPTION ''{message}''; END' LANGUAGE plpgsql"
    )
    rows = (
        f"-- only postgresql\nCREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    whole = (
        f"-- only postgresql\nCREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
    return (*sqlite, replaced, function, rows, whole)
