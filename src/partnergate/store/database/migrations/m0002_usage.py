"""Usage events as they were sent, and what is derived from them: their partners, and rollups."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 2
NAME: Final = "usage"

STATEMENTS: Final = (
    # Short numbers for texts that repeat; rows are only ever added.
    """
    CREATE TABLE usage_sources (
        no {key},
        realm TEXT NOT NULL,
        source TEXT NOT NULL,
        UNIQUE (realm, source)
    )
    """,
    "CREATE TABLE usage_types (no {key}, type TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE usage_owners (
        no {key},
        realm TEXT NOT NULL,
        partner TEXT NOT NULL,
        UNIQUE (realm, partner)
    )
    """,
    # Raw: what was sent, once under its key. Never changed after.
    """
    CREATE TABLE usage_events (
        seq {key},
        source_no BIGINT NOT NULL,
        id TEXT NOT NULL,
        type_no BIGINT NOT NULL,
        time_us BIGINT NOT NULL,
        subject_kind INTEGER NOT NULL,
        subject TEXT NOT NULL,
        action INTEGER NOT NULL,
        target TEXT NOT NULL,
        data TEXT NOT NULL,
        received_us BIGINT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX usage_events_key ON usage_events (source_no, id)",
    # Derived: which event corrects which.
    """
    CREATE TABLE usage_corrections (
        source_no BIGINT NOT NULL,
        target TEXT NOT NULL,
        seq BIGINT NOT NULL,
        PRIMARY KEY (source_no, target, seq)
    )
    """,
    # Derived: the partner of each event or why it is unattributed; ``waits_for`` names the awaited login.
    """
    CREATE TABLE usage_attributed (
        seq {key},
        owner_no BIGINT,
        reason TEXT,
        excluded TEXT NOT NULL,
        type_no BIGINT NOT NULL,
        time_us BIGINT NOT NULL,
        person TEXT,
        user_id TEXT,
        waits_for TEXT
    )
    """,
    "CREATE INDEX usage_attributed_time ON usage_attributed (owner_no, type_no, time_us)",
    "CREATE INDEX usage_attributed_waits ON usage_attributed (waits_for) WHERE waits_for IS NOT NULL",
    "CREATE INDEX usage_attributed_reason ON usage_attributed (reason, time_us) WHERE reason IS NOT NULL",
    # Derived: the series of each partner, and their tallies by hour; ``excluded`` is empty where billed.
    # ``state`` is what the aggregate of the series keeps, in the aggregate's own text.
    """
    CREATE TABLE usage_series (
        no {key},
        owner_no BIGINT NOT NULL,
        series TEXT NOT NULL,
        definition TEXT NOT NULL,
        UNIQUE (owner_no, series)
    )
    """,
    """
    CREATE TABLE usage_rollups (
        series_no BIGINT NOT NULL,
        hour BIGINT NOT NULL,
        split INTEGER NOT NULL,
        excluded TEXT NOT NULL,
        count BIGINT NOT NULL,
        unmeasured BIGINT NOT NULL,
        state TEXT,
        weight {blob} NOT NULL,
        PRIMARY KEY (series_no, hour, split, excluded)
    ) {clustered}
    """,
    # Derived: the distinct values of a series in each hour (width 1) and in each UTC day (width 24).
    """
    CREATE TABLE usage_values (
        series_no BIGINT NOT NULL,
        width INTEGER NOT NULL,
        bucket BIGINT NOT NULL,
        split INTEGER NOT NULL,
        excluded TEXT NOT NULL,
        value TEXT NOT NULL,
        first_us BIGINT NOT NULL,
        PRIMARY KEY (series_no, width, bucket, split, excluded, value)
    ) {clustered}
    """,
    # Derived: who used something in which quarter of an hour; every zone's midnight is at a quarter.
    """
    CREATE TABLE usage_seen (
        owner_no BIGINT NOT NULL,
        quarter BIGINT NOT NULL,
        person TEXT NOT NULL,
        excluded TEXT NOT NULL,
        user_id TEXT NOT NULL,
        first_us BIGINT NOT NULL,
        PRIMARY KEY (owner_no, quarter, person, user_id, excluded)
    ) {clustered}
    """,
    # Derived: sessions whose owner changed after usage may have been attributed by it. Triggers
    # record them, so that no way of writing sessions can omit it.
    """
    CREATE TABLE usage_moved (
        realm TEXT NOT NULL,
        session_id TEXT NOT NULL,
        PRIMARY KEY (realm, session_id)
    )
    """,
    """-- only sqlite
    CREATE TRIGGER usage_session_moved AFTER UPDATE ON sessions
    WHEN old.partner IS NOT NULL AND (
        old.partner IS NOT new.partner OR old.excluded IS NOT new.excluded
        OR old.subject IS NOT new.subject OR old.started_ms <> new.started_ms
    )
    BEGIN
        INSERT INTO usage_moved (realm, session_id) VALUES (new.realm, new.session_id) ON CONFLICT DO NOTHING;
    END
    """,
    """-- only sqlite
    CREATE TRIGGER usage_session_gone AFTER DELETE ON sessions
    WHEN old.partner IS NOT NULL
    BEGIN
        INSERT INTO usage_moved (realm, session_id) VALUES (old.realm, old.session_id) ON CONFLICT DO NOTHING;
    END
    """,
    """-- only postgresql
    CREATE FUNCTION usage_session_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO usage_moved (realm, session_id) VALUES (old.realm, old.session_id) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """-- only postgresql
    CREATE TRIGGER usage_session_moved AFTER UPDATE ON sessions FOR EACH ROW
    WHEN (old.partner IS NOT NULL AND (
        old.partner IS DISTINCT FROM new.partner OR old.excluded IS DISTINCT FROM new.excluded
        OR old.subject IS DISTINCT FROM new.subject OR old.started_ms <> new.started_ms
    ))
    EXECUTE FUNCTION usage_session_moved()
    """,
    """-- only postgresql
    CREATE TRIGGER usage_session_gone AFTER DELETE ON sessions FOR EACH ROW
    WHEN (old.partner IS NOT NULL)
    EXECUTE FUNCTION usage_session_moved()
    """,
    # Derived: how far the raw events are attributed.
    "CREATE TABLE usage_state (name TEXT PRIMARY KEY, number BIGINT NOT NULL)",
)
