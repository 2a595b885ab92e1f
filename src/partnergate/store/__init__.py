"""The only code that talks to the database: SQLite by default, PostgreSQL by address, one SQL for both.

Opening and transactions::

    with open_store("sqlite:///partnergate.db") as store:        # or postgresql+psycopg://user@host/db
        with store.read() as connection: ...                     # one consistent state
        with store.write(lock="usage") as connection: ...        # all or nothing, durable when it returns

Rules for tables: instants are BIGINT ``*_ms`` (``instants.to_ms``) or ``*_us``, decimals are TEXT, JSON is
TEXT in canonical form, booleans are INTEGER. Each package part has its own migration module
(``migrations/m0002_usage.py`` ...), registered by one line. ``bulk.insert_new`` inserts many rows and
skips known keys; ``bulk.stage_rows`` stages rows for an INSERT ... SELECT ... RETURNING.
"""

from __future__ import annotations

from partnergate.store.engine import Dialect, Store
from partnergate.store.opening import open_store

__all__ = ["Dialect", "Store", "open_store"]
