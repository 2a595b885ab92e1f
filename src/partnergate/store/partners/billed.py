"""Who ever got a final statement, read from a store that is left as it is."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from partnergate.errors import StoreUnavailableError
from partnergate.store.database.engine import Dialect, Store, connect_engine
from partnergate.store.database.migrations import MIGRATIONS, applied_migrations, refuse_newer

_TABLE = "statement_documents"
_PARTNERS = sa.text(f"SELECT DISTINCT partner FROM {_TABLE}")  # noqa: S608 - a name of ours


def billed_partners(url: str) -> frozenset[str]:
    """Every partner with a final statement in any environment of the store.

    Nothing is made and no schema is changed: a missing store is a
    ``StoreUnavailableError``, one from before statements has none.
    """
    engine, dialect = connect_engine(url)
    with Store(engine, dialect) as store:
        path = engine.url.database or ""
        if dialect is Dialect.SQLITE and not Path(path).is_file():
            raise StoreUnavailableError("there is no store", target=store.address, advice="check the address")
        with store.read() as connection:
            refuse_newer(applied_migrations(connection), MIGRATIONS, store.address)
            if not sa.inspect(connection).has_table(_TABLE):
                return frozenset()
            return frozenset(connection.execute(_PARTNERS).scalars())
