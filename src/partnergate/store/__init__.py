"""The only code that talks to the database: SQLite by default, PostgreSQL by address, one SQL for both.

Opening and transactions::

    with open_store("sqlite:///partnergate.db") as store:        # or postgresql+psycopg://user@host/db
        with store.read() as connection: ...                     # one consistent state
        with store.write(lock="usage") as connection: ...        # all or nothing, durable when it returns

Rules for tables: instants are BIGINT ``*_ms`` (``instants.to_ms``) or ``*_us``, decimals are TEXT, JSON is
TEXT in canonical form, booleans are INTEGER. Each package part has its own migration module
(``migrations/m0002_usage.py`` ...), registered by one line. ``bulk.insert_new`` inserts many rows and
skips known keys.

Events and the registry go in through ``ingest.EventIngest(store=store, after=(...))``: ``keep`` (from the
reader), ``record_registry(realm_spec, partners, at_ms)``, ``registry(connection, realm)``. Each ``after`` is
called with ``(connection, realm, Touched(sessions, users))`` inside the transaction, so that usage that
waits for a login is attributed when the login is read.

Answers (first argument a connection): ``session_queries`` about sessions, ``usage_people`` about logins and
people; ``ingest.gaps_between`` and ``event_history.type_kept_between`` say whether a span is complete;
``subjects.find_subject(connection, alias, subject)`` leads from a partner's identifier to the ``SubjectKey``.
"""

from __future__ import annotations

from partnergate.store.database.engine import Dialect, Store
from partnergate.store.database.opening import open_existing_store, open_store
from partnergate.store.sessions.ingest import EventIngest

__all__ = ["Dialect", "EventIngest", "Store", "open_existing_store", "open_store"]
