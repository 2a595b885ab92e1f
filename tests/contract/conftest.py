"""A new store for each test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from partnergate.store import open_store


@pytest.fixture
def store_of(request, tmp_path):
    """Opens a new store of a kind; closed and dropped at the end."""
    with ExitStack() as stack:

        def opened(kind: str):
            return stack.enter_context(open_store(stack.enter_context(_database(request, tmp_path, kind))))

        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request, tmp_path):
    """The address of an empty database of each kind."""
    with _database(request, tmp_path, request.param) as url:
        yield url


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


@contextmanager
def _database(request, tmp_path, kind: str):
    name = f"store_{uuid4().hex}"
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/{name}.db"
        return
    server = request.getfixturevalue("postgresql")
    admin = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.url(name)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()
