"""How many launches came to what, by partner and hour; and a way to the few events that are errors."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 6
NAME: Final = "launch_counts"

STATEMENTS: Final = (
    # Counts, not launches: whoever presses a button a million times makes one row.
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
