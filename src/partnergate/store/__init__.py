"""The only code that talks to the database: SQLite by default, PostgreSQL by URL, one SQL for both.

- ``database``: connections, transactions, migrations, bulk inserts, backups
- ``partners``: the history of the partner files
- ``sessions``: login events, and the sessions that they describe
- ``usage``: usage events and their attribution
- ``meters``: rollups, and the quantities that they answer
- ``statements``: finalized statements, disputes, alerts, and the records behind a line
- ``audit``: who did what, as a chain of entries that never change
- ``export``: tables for spreadsheets and warehouses
- ``rebuild``: derived tables made again from raw events

Opening and transactions::

    with open_store("sqlite:///partnergate.db") as store:        # or postgresql+psycopg://user@host/db
        with store.read() as connection: ...                     # one consistent state
        with store.write(lock="usage") as connection: ...        # all or nothing, durable when it returns

Rules for tables: instants are BIGINT ``*_ms`` or ``*_us`` (``model.instants``), decimals are TEXT, JSON is
canonical TEXT, booleans are INTEGER. ``bulk.insert_new`` inserts many rows and skips known keys.

Events enter through ``EventIngest(store=store, after=(...))``. Each ``after`` is called with
``(connection, realm, UpdatedSessions(sessions, users))`` inside the transaction, so that usage that
waits for a login is attributed when the login is read.
"""

from __future__ import annotations

from partnergate.store.database.engine import Dialect, Store
from partnergate.store.database.opening import open_existing_store, open_store
from partnergate.store.sessions.ingest import EventIngest

__all__ = ("Dialect", "EventIngest", "Store", "open_existing_store", "open_store")
