"""The number of stored events of each realm, so that no query counts them; an index of email addresses."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 5
NAME: Final = "event_counts"

STATEMENTS: Final = (
    "CREATE TABLE event_counts (realm TEXT PRIMARY KEY, events BIGINT NOT NULL)",
    "INSERT INTO event_counts (realm, events) SELECT realm, COUNT(*) FROM raw_events GROUP BY realm",
    # Few events carry an address; the quality report needs just those.
    "CREATE INDEX raw_events_email ON raw_events (realm, subject) WHERE email_key IS NOT NULL",
)
