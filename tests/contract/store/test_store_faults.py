"""Killed at any moment, without room, without a database: nothing lost, nothing double."""

import os
import random
import signal
from collections import Counter
from uuid import uuid4

import pytest
import sqlalchemy as sa

from builders.events import DAY, REALM, T0, KnownSubjects, realm
from builders.partners import partner
from partnergate.errors import StoreUnavailableError
from partnergate.store import EventIngest, open_store
from partnergate.store.rebuild import differs_from_raw, ledger_hash
from worlds.reading_process import Place, Readers, history, read

KILLS = int(os.environ.get("PARTNERGATE_KILLS", "4"))
"""The slow suite asks for 200."""
ENOUGH = 50
"""So many kills hit every part of a transaction, or they prove too little."""
EVENTS = 2_000


def undisturbed(tmp_path):
    url = f"sqlite:///{tmp_path}/undisturbed.db"
    assert read(url, EVENTS, page=1_000) == EVENTS
    with open_store(url) as store, store.read() as connection:
        return ledger_hash(connection, REALM)


def same_as(expected, url):
    with open_store(url) as store:
        with store.read() as connection:
            assert ledger_hash(connection, REALM) == expected
            numbers = "SELECT COUNT(*), COUNT(DISTINCT id) FROM raw_events"
            assert connection.exec_driver_sql(numbers).one() == (EVENTS, EVENTS)
        assert not differs_from_raw(store, REALM)
        with store.write() as connection:
            for table in ("raw_events", "sessions", "logins", "refreshes", "cursors"):
                connection.exec_driver_sql(f"DELETE FROM {table}")


def test_a_reader_that_is_killed_at_random_moments_stores_each_event_exactly_once(
    store_url, tmp_path, record_property
):
    """The moments are spread over the whole of a reading; where they hit is counted and shown with ``-rP``."""
    expected = undisturbed(tmp_path)
    chance = random.Random(20261124)
    places = Counter()
    finished = 0
    with Readers() as readers:
        while places.total() < KILLS:
            # One in eight may hit before the first transaction, or in the making of the store.
            seconds, of_start = chance.uniform(0, 0.5), chance.random() < 1 / 8
            code, place = readers.killed_after(seconds, store_url, EVENTS, of_start=of_start)
            assert code in {0, -signal.SIGKILL}
            if code:
                places[place.name.lower()] += 1
            else:
                finished += 1
                same_as(expected, store_url)
    assert read(store_url, EVENTS, page=25) == EVENTS
    same_as(expected, store_url)
    where = ", ".join(f"{places[place.name.lower()]} {place.name.lower()}" for place in Place)
    print(f"{places.total()} kills: {where}; {finished} readings ended before their kill")
    record_property("kills", where)
    if KILLS >= ENOUGH:
        assert min(places[place.name.lower()] for place in (Place.INSIDE, Place.COMMITTING)) > 0


def test_a_full_disk_loses_no_stored_event_and_the_rest_follows_when_space_is_free(tmp_path):
    url = f"sqlite:///{tmp_path}/full.db"
    events = history(EVENTS)
    with open_store(url) as store:
        ingest = EventIngest(store=store, subjects=KnownSubjects())
        ingest.record_registry(realm(), (partner("acme"), partner("globex")), 0)
        pages = 0
        with store.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        @sa.event.listens_for(store._engine, "checkout")
        def _limit(connection, record, proxy):
            connection.execute(f"PRAGMA max_page_count={pages + room}")

        room, kept = 40, 0

        def fill():
            nonlocal kept
            for begin in range(0, EVENTS, 50):
                kept += ingest.keep(REALM, events[begin : begin + 50], seen_ms=T0 + 2 * DAY, advance=None)

        with pytest.raises(StoreUnavailableError, match="full"):
            fill()
        assert ingest.count(REALM, 0, T0 * 2) == kept < EVENTS
        assert not hangs_apart(store)
        room = 100_000
        assert kept + ingest.keep(REALM, events, seen_ms=T0 + 2 * DAY, advance=None) == EVENTS
        with store.read() as connection:
            assert ledger_hash(connection, REALM) == undisturbed(tmp_path)


def hangs_apart(store):
    """Whether an event was kept without its session."""
    query = (
        "SELECT COUNT(*) FROM raw_events e LEFT JOIN sessions s ON s.realm = e.realm AND s.session_id = e.session_id"
        " WHERE s.session_id IS NULL AND e.session_id IS NOT NULL"
    )
    with store.read() as connection:
        return bool(connection.exec_driver_sql(query).scalar())


@pytest.mark.postgresql
def test_no_event_is_lost_when_the_database_is_temporarily_unavailable(postgresql, tmp_path):
    name = f"store_{uuid4().hex}"
    admin = sa.create_engine(postgresql.url(), isolation_level="AUTOCOMMIT")
    events = history(EVENTS)

    def act(statement):
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)

    act(f"CREATE DATABASE {name}")
    with open_store(postgresql.url(name)) as store:
        ingest = EventIngest(store=store, subjects=KnownSubjects())
        ingest.record_registry(realm(), (partner("acme"), partner("globex")), 0)
        ingest.keep(REALM, events[:1000], seen_ms=T0 + 2 * DAY, advance=None)
        act(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        act(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(StoreUnavailableError):
            ingest.keep(REALM, events, seen_ms=T0 + 2 * DAY, advance=None)
        act(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert ingest.keep(REALM, events, seen_ms=T0 + 2 * DAY, advance=None) == 1000
        with store.read() as connection:
            assert ledger_hash(connection, REALM) == undisturbed(tmp_path)
    act(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
