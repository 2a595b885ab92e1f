"""Raw events and their attribution, the registry of partners, the keys of subjects."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 1
NAME: Final = "events, sessions, registry"

STATEMENTS: Final = (
    # Events from Keycloak, pseudonymized (docs/decisions/personal-data.md). Never changed after.
    # In the order of time, in which most arrive: a row is appended, and one index is looked up.
    """
    CREATE TABLE raw_events (
        realm TEXT NOT NULL,
        id TEXT NOT NULL,
        time_ms BIGINT NOT NULL,
        seen_ms BIGINT NOT NULL,
        type TEXT NOT NULL,
        client_id TEXT,
        user_id TEXT,
        session_id TEXT,
        alias TEXT,
        subject TEXT,
        error TEXT,
        email_domain TEXT,
        email_key TEXT,
        details TEXT,
        PRIMARY KEY (realm, time_ms, id)
    ) {clustered}
    """,
    "CREATE UNIQUE INDEX raw_events_key ON raw_events (realm, id)",
    # What a user's profile held when a login was read; states and keyed hashes only.
    """
    CREATE TABLE raw_profiles (
        realm TEXT NOT NULL,
        login_id TEXT NOT NULL,
        time_ms BIGINT NOT NULL,
        user_id TEXT NOT NULL,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        email TEXT NOT NULL,
        email_domain TEXT,
        email_key TEXT,
        PRIMARY KEY (realm, login_id)
    )
    """,
    "CREATE INDEX raw_profiles_user ON raw_profiles (realm, user_id, time_ms)",
    """
    CREATE TABLE cursors (
        realm TEXT PRIMARY KEY,
        first_ms BIGINT NOT NULL,
        position_ms BIGINT NOT NULL,
        server_ms BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE event_settings (
        realm TEXT NOT NULL,
        since_ms BIGINT NOT NULL,
        checked_ms BIGINT NOT NULL,
        enabled INTEGER NOT NULL,
        types TEXT NOT NULL,
        expiration_s BIGINT NOT NULL,
        PRIMARY KEY (realm, since_ms)
    )
    """,
    """
    CREATE TABLE gaps (
        realm TEXT NOT NULL,
        reason TEXT NOT NULL,
        start_ms BIGINT NOT NULL,
        end_ms BIGINT NOT NULL,
        PRIMARY KEY (realm, reason, start_ms)
    )
    """,
    # Derived: can be rebuilt from the raw tables and the registry.
    """
    CREATE TABLE sessions (
        realm TEXT NOT NULL,
        session_id TEXT NOT NULL,
        first_ms BIGINT NOT NULL,
        first_id TEXT NOT NULL,
        first_user TEXT,
        login_ms BIGINT,
        login_id TEXT,
        login_user TEXT,
        alias TEXT,
        subject TEXT,
        clients TEXT NOT NULL,
        marks INTEGER NOT NULL,
        last_ms BIGINT NOT NULL,
        end_ms BIGINT,
        end_id TEXT,
        end_type TEXT,
        partner TEXT,
        reason TEXT,
        excluded TEXT,
        started_ms BIGINT NOT NULL,
        ended_ms BIGINT,
        end_reason TEXT,
        PRIMARY KEY (realm, session_id)
    ) {roomy}
    """,
    "CREATE INDEX sessions_partner ON sessions (partner, started_ms)",
    "CREATE INDEX sessions_user ON sessions (realm, COALESCE(login_user, first_user))",
    """
    CREATE TABLE logins (
        realm TEXT NOT NULL,
        event_id TEXT NOT NULL,
        time_ms BIGINT NOT NULL,
        session_id TEXT,
        alias TEXT NOT NULL,
        subject TEXT,
        user_id TEXT,
        client_id TEXT,
        partner TEXT,
        reason TEXT,
        excluded TEXT,
        PRIMARY KEY (realm, event_id)
    )
    """,
    "CREATE INDEX logins_partner ON logins (partner, time_ms)",
    "CREATE INDEX logins_session ON logins (realm, session_id)",
    "CREATE INDEX logins_user ON logins (realm, user_id, time_ms)",
    "CREATE INDEX logins_subject ON logins (subject, time_ms)",
    """
    CREATE TABLE refreshes (
        realm TEXT NOT NULL,
        session_id TEXT NOT NULL,
        quarter_ms BIGINT NOT NULL,
        first_ms BIGINT NOT NULL,
        PRIMARY KEY (realm, session_id, quarter_ms)
    ) {clustered}
    """,
    """
    CREATE TABLE user_domains (
        realm TEXT NOT NULL,
        user_id TEXT NOT NULL,
        time_ms BIGINT NOT NULL,
        event_id TEXT NOT NULL,
        domain TEXT NOT NULL,
        PRIMARY KEY (realm, user_id, time_ms, event_id)
    )
    """,
    # Partners and realms as they were from an instant on.
    """
    CREATE TABLE partner_versions (
        realm TEXT NOT NULL,
        partner TEXT NOT NULL,
        since_ms BIGINT NOT NULL,
        recorded_ms BIGINT NOT NULL,
        digest TEXT NOT NULL,
        stage TEXT NOT NULL,
        spec TEXT NOT NULL,
        test_subjects TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        commit_id TEXT NOT NULL,
        PRIMARY KEY (realm, partner, since_ms)
    )
    """,
    """
    CREATE TABLE realm_versions (
        realm TEXT NOT NULL,
        since_ms BIGINT NOT NULL,
        recorded_ms BIGINT NOT NULL,
        digest TEXT NOT NULL,
        rules TEXT NOT NULL,
        PRIMARY KEY (realm, since_ms)
    )
    """,
    # People: a keyed hash of the partner's identifier leads to a random subject; erasing deletes the mapping.
    """
    CREATE TABLE subject_keys (
        alias TEXT PRIMARY KEY,
        secret TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE subjects (
        lookup TEXT PRIMARY KEY,
        subject TEXT NOT NULL
    )
    """,
    "CREATE INDEX subjects_subject ON subjects (subject)",
    """
    CREATE TABLE erasures (
        subject TEXT PRIMARY KEY,
        at_ms BIGINT NOT NULL
    )
    """,
)
