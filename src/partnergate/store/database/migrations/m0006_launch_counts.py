"""The number of launches by partner, outcome and hour; and an index of the few error events."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 6
NAME: Final = "launch_counts"

STATEMENTS: Final = (
    # Counts, not launches: a user who repeats a launch a million times adds one row.
    """
    CREATE TABLE launch_counts (
        realm TEXT NOT NULL,
        hour_ms BIGINT NOT NULL,
        partner TEXT NOT NULL,
        outcome TEXT NOT NULL,
        launches BIGINT NOT NULL,
        PRIMARY KEY (realm, hour_ms, partner, outcome)
    )
    """,
    "CREATE INDEX raw_events_errors ON raw_events (realm, time_ms) WHERE error IS NOT NULL",
)
