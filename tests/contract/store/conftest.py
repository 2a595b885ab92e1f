"""The same suite on SQLite and on a real PostgreSQL, each test with a new store."""

import sys
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[2] / "support_events"))

from event_builders import REALM, KnownSubjects, partner, realm

from partnergate.store import EventIngest, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request, tmp_path):
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server = request.getfixturevalue("postgresql")
    name = f"store_{uuid4().hex}"
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


@pytest.fixture
def ingest(store):
    """An ingest whose realm has the partners acme and globex."""
    made = EventIngest(store=store, subjects=KnownSubjects())
    made.record_registry(realm(REALM), (partner("acme"), partner("globex")), 0)
    return made
