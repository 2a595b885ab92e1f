"""Finalized statements that never change, disputes, passed thresholds, and queued messages."""

from __future__ import annotations

from typing import Final

from partnergate.store.database.migrations.immutable import never_changed

NUMBER: Final = 3
NAME: Final = "statements"


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
    *never_changed(
        "statement_documents",
        "a final statement never changes",
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
    *never_changed("statement_disputes", "a final statement never changes", "environment dispute entry"),
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
