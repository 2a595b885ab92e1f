"""Opening a store brings its schema up to this version."""

from __future__ import annotations

import time

from partnergate.store.engine import Store, connect_engine
from partnergate.store.migrations import migrate


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
