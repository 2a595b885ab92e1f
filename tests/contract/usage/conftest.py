"""The same suite on SQLite and on a real PostgreSQL, each test with a new store."""

import sys
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

for support in ("support_events", "support_usage"):
    sys.path.insert(0, str(Path(__file__).parents[2] / support))

from partnergate.store import open_store  # noqa: E402


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server = request.getfixturevalue("postgresql")
    name = f"usage_{uuid4().hex}"
    admin = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.url(name)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened
