"""Finalized statements that never change, disputes, passed thresholds, and queued messages."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 3
NAME: Final = "statements"


def _never_changed(table: str, *keys: str) -> tuple[str, ...]:
    """Triggers that reject every change of an existing row, on both databases.

    SQLite also changes a row by ``REPLACE``, which no trigger of update or delete sees.
    """
    there = " OR ".join(
        "(" + " AND ".join(f"{column} = new.{column}" for column in key.split()) + ")" for key in keys
    )
    replaced = (
        f"-- only sqlite\nCREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) "
        f"BEGIN SELECT RAISE(ABORT, 'a final statement never changes'); END"
    )
    sqlite = tuple(
        f"-- only sqlite\nCREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'a final statement never changes'); END"
        for verb in ("UPDATE", "DELETE")
    )
    function = (
        f"-- only postgresql\nCREATE FUNCTION {table}_refuse() RETURNS trigger AS "
        "'BEGIN RAISE EXCEPTION ''a final statement never changes''; END' LANGUAGE plpgsql"
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


STATEMENTS: Final = (
    # Statements and credit notes, a chain for each partner. ``content`` is the canonical document.
    """
    CREATE TABLE statement_documents (
        environment TEXT NOT NULL,
        partner TEXT NOT NULL,
        sequence BIGINT NOT NULL,
        number TEXT NOT NULL,
        kind TEXT NOT NULL,
        period_start_us BIGINT NOT NULL,
        period_end_us BIGINT NOT NULL,
        previous TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        algorithm TEXT NOT NULL,
        key_id TEXT NOT NULL,
        signature TEXT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (environment, partner, sequence)
    )
    """,
    "CREATE UNIQUE INDEX statement_documents_number ON statement_documents (environment, number)",
    (
        "CREATE UNIQUE INDEX statement_documents_previous "
        "ON statement_documents (environment, partner, previous)"
    ),
    *_never_changed(
        "statement_documents",
        "environment partner sequence",
        "environment number",
        "environment partner previous",
    ),
    # The entries about a line, in order; the last one determines the state of the dispute.
    """
    CREATE TABLE statement_disputes (
        environment TEXT NOT NULL,
        dispute TEXT NOT NULL,
        entry BIGINT NOT NULL,
        at_us BIGINT NOT NULL,
        kind TEXT NOT NULL,
        partner TEXT NOT NULL,
        statement TEXT NOT NULL,
        line BIGINT NOT NULL,
        name TEXT NOT NULL,
        words TEXT NOT NULL,
        amount TEXT,
        PRIMARY KEY (environment, dispute, entry)
    )
    """,
    "CREATE INDEX statement_disputes_partner ON statement_disputes (environment, partner, dispute, entry)",
    *_never_changed("statement_disputes", "environment dispute entry"),
    # Each threshold is passed once a period; the message waits here until it is delivered.
    """
    CREATE TABLE statement_alerts (
        environment TEXT NOT NULL,
        id TEXT NOT NULL,
        partner TEXT NOT NULL,
        period_start_us BIGINT NOT NULL,
        threshold TEXT NOT NULL,
        payload TEXT NOT NULL,
        made_us BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        next_us BIGINT,
        delivered_us BIGINT,
        last_error TEXT NOT NULL,
        PRIMARY KEY (environment, id),
        UNIQUE (environment, partner, period_start_us, threshold)
    )
    """,
    "CREATE INDEX statement_alerts_next ON statement_alerts (environment, next_us) WHERE next_us IS NOT NULL",
)
