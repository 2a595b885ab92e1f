"""Partners with a finalized statement, read from a store without changing it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from partnergate.errors import StoreUnavailableError
from partnergate.store.database.engine import Dialect, Store, connect_engine
from partnergate.store.database.migrations import MIGRATIONS, applied_migrations, refuse_newer

_TABLE = "statement_documents"
_PARTNERS = sa.text(f"SELECT DISTINCT partner FROM {_TABLE}")  # noqa: S608 - a constant


def billed_partners(url: str) -> frozenset[str]:
    """Return every partner with a finalized statement in any environment of the store.

    Creates nothing and migrates nothing. Raises ``StoreUnavailableError`` if the store does not exist.
    A store from before the statements schema has no partners.
    """
    engine, dialect = connect_engine(url)
    with Store(engine, dialect) as store:
        path = engine.url.database or ""
        if dialect is Dialect.SQLITE and not Path(path).is_file():
            raise StoreUnavailableError(
                "the store does not exist", target=store.address, advice="check the URL"
            )
        with store.read() as connection:
            refuse_newer(applied_migrations(connection), MIGRATIONS, store.address)
            if not sa.inspect(connection).has_table(_TABLE):
                return frozenset()
            return frozenset(connection.execute(_PARTNERS).scalars())
