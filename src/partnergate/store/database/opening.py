"""Opening a store brings its schema up to this version."""

from __future__ import annotations

import time
from pathlib import Path

from partnergate.errors import StoreUnavailableError
from partnergate.store.database.engine import Store, connect_engine
from partnergate.store.database.migrations import migrate


def open_store(url: str) -> Store:
    """The store at ``sqlite:///path`` or ``postgresql+psycopg://...``, made and migrated where needed.

    ``SchemaTooNewError`` when a newer version has changed it, ``StoreUnavailableError`` when it
    cannot be reached.
    """
    engine, dialect = connect_engine(url)
    store = Store(engine, dialect)
    try:
        migrate(store, time.time_ns() // 1_000_000)
    except BaseException:
        store.close()
        raise
    return store


def open_existing_store(url: str) -> Store:
    """Open the store like ``open_store`` for reading; a missing SQLite file is an error and is not created.

    A new, empty store would look like one without any logins.
    """
    path = url.removeprefix("sqlite:///")
    if path != url and path not in {"", ":memory:"} and not Path(path).is_file():
        raise StoreUnavailableError(
            "the database file does not exist",
            target=path,
            advice="specify the database that partnergate serve writes",
        )
    return open_store(url)
