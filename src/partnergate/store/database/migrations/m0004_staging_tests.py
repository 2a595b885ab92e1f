"""Test logins of partners: evidence that a staging test has passed, or why it has not."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 4
NAME: Final = "staging_tests"

STATEMENTS: Final = (
    """
    CREATE TABLE staging_tests (
        realm TEXT NOT NULL,
        environment TEXT NOT NULL,
        partner TEXT NOT NULL,
        alias TEXT NOT NULL,
        tested_ms BIGINT NOT NULL,
        passed INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (realm, alias, tested_ms)
    )
    """,
    "CREATE INDEX staging_tests_partner ON staging_tests (partner, passed, tested_ms)",
)
