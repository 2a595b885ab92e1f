"""The audit log, whose rows never change, and the detached JWS beside the seal of a statement."""

from __future__ import annotations

from typing import Final

from partnergate.store.database.migrations.immutable import never_changed

NUMBER: Final = 13
NAME: Final = "audit"
STATEMENTS: Final = (
    # One chain for the whole store. ``content`` is the canonical entry; the other columns are for queries.
    """
    CREATE TABLE audit_entries (
        sequence BIGINT PRIMARY KEY,
        at_us BIGINT NOT NULL,
        environment TEXT NOT NULL,
        deed TEXT NOT NULL,
        actor TEXT NOT NULL,
        entry_key TEXT NOT NULL UNIQUE,
        previous TEXT NOT NULL UNIQUE,
        sha256 TEXT NOT NULL,
        content TEXT NOT NULL
    )
    """,
    "CREATE INDEX audit_entries_environment ON audit_entries (environment, sequence)",
    *never_changed("audit_entries", "an audit entry never changes", "sequence", "entry_key", "previous"),
    # Empty for documents that earlier versions sealed.
    "ALTER TABLE statement_documents ADD COLUMN jws TEXT NOT NULL DEFAULT ''",
)
