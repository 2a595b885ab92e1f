"""The reader on a Keycloak on PostgreSQL that holds many events and is written to while it is read.

``PARTNERGATE_KEYCLOAK_EVENTS=400000`` fills that many; a usual run fills few.
"""

import contextlib
import os
import threading
import time
from uuid import uuid4

import pytest

from builders.events import realm
from builders.partners import partner
from partnergate.devstack import find_postgresql, keycloak_server, postgresql_server
from partnergate.events.reader import EventReader, Pace
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.keycloak.events import KeycloakEvents
from partnergate.playground.real_clock import now, now_ms
from partnergate.store import EventIngest, open_store
from partnergate.store.rebuild import differs_from_raw
from worlds.brokered_realm import brokered_realm
from worlds.event_filling import database_of, held_of, insert, row, sessions

pytestmark = [pytest.mark.integration, pytest.mark.postgresql]

EVENTS = int(os.environ.get("PARTNERGATE_KEYCLOAK_EVENTS", "12000"))
MINUTE_MS = 60_000
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def database():
    if find_postgresql() is None:
        pytest.skip("no PostgreSQL server binaries on this machine; scripts/bootstrap installs them as root")
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="module")
def side(database):
    with keycloak_server(database=database) as server:
        who = AdminUser(user=server.admin_user, password=server.admin_password)
        name = f"events-{uuid4().hex[:8]}"
        with (
            connect(server_url=server.base_url, realm=name, credentials=who) as admin,
            brokered_realm(admin) as made,
        ):
            yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path, postgresql):
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
            yield opened
        return
    name = f"reader_{uuid4().hex[:8]}"
    with open_store(postgresql.url()) as outer, outer._engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"CREATE DATABASE {name}")
    with open_store(postgresql.url(name)) as opened:
        yield opened


class Load:
    """Writes events continuously in many short transactions while users log in."""

    def __init__(self, database, side, realm_id):
        self.stop = threading.Event()
        self.written = 0
        self.logins = []
        self.failures = []
        self._parts = (
            threading.Thread(target=self._guarded, args=(self._write, database, realm_id)),
            threading.Thread(target=self._guarded, args=(self._log_in, side)),
        )

    def __enter__(self):
        for part in self._parts:
            part.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for part in self._parts:
            part.join(60)
        assert self.failures == []

    def _guarded(self, part, *arguments):
        try:
            part(*arguments)
        except Exception as error:  # noqa: BLE001 - reported at the end
            self.failures.append(error)

    def _write(self, database, realm_id):
        with database_of(database) as connection:
            while not self.stop.is_set():
                at = now_ms()
                insert(
                    connection,
                    [
                        row(realm_id, str(uuid4()), "LOGIN", at - n, session=f"live-{at}-{n}", who=n)
                        for n in range(40)
                    ],
                )
                connection.commit()
                self.written += 40
                self.stop.wait(0.05)

    def _log_in(self, side):
        while not self.stop.is_set():
            self.logins += side.log_in("ann")


def kept(store):
    with store.read() as connection:
        return connection.exec_driver_sql("SELECT id FROM raw_events").scalars().all()


def test_pitfall_11_events_under_load_and_late_commits_are_stored_exactly_once(side, database, store):
    """Two events are committed after later ones were read: one by seconds, one by more than the short overlap."""
    realm_id = side.admin.get("")["id"]
    begin = now_ms()
    late, later = f"late-{uuid4().hex[:20]}", f"later-{uuid4().hex[:20]}"
    with contextlib.ExitStack() as stack:
        filler, slow, watcher = (stack.enter_context(database_of(database)) for _ in range(3))
        rows = sessions(
            realm_id, EVENTS // 4, from_ms=begin - 6 * HOUR_MS, to_ms=begin - 2 * MINUTE_MS, seed=begin
        )
        insert(filler, rows)
        filler.commit()
        # Written now, committed when the reader has long read what is newer.
        insert(slow, [
            row(realm_id, late, "LOGIN", begin - 1_000, session=late, who=1),
            row(realm_id, later, "LOGIN", begin - MINUTE_MS, session=later, who=2),
        ])  # fmt: skip
        connection = stack.enter_context(side.reader())
        ingest = EventIngest(store=store)
        ingest.record_registry(realm(side.realm, clients=("app", "host-app")), (partner("acme"),), 0)
        reader = EventReader(
            realm=side.realm,
            source=KeycloakEvents({side.realm: connection}),
            keeper=ingest,
            stop=threading.Event(),
            pace=Pace(poll_s=0.05, whole_s=1.0, settings_s=1.0),
            wall=lambda: now().timestamp(),
        )
        with Load(database, side, realm_id) as load:
            assert reader.round() >= EVENTS
            deadline = time.monotonic() + 120
            while (load.written < 400 or len(load.logins) < 2) and time.monotonic() < deadline:
                time.sleep(0.1)
                reader.round()
            newest = reader._latest_ms
            assert newest > begin  # what is newer than the late ones is read
            assert not {late, later} & set(kept(store))
            slow.commit()
            time.sleep(0.2)
        for due in ("tail", "whole"):
            if due == "whole":
                reader._due.clear()
            read_to = now_ms()
            reader.round()
        held = held_of(watcher, realm_id)
        last = [e.id for e in reader.source.events(side.realm, 0, 2**45, len(kept(store)), 10)]
    found = kept(store)
    assert len(found) == len(set(found))
    assert {late, later} <= set(found)
    assert set(found) <= set(held)
    # The reader renews its own token, which is an event too; one after the last window is not missed.
    missed = {event_id: held[event_id] for event_id in set(held) - set(found)}
    assert [seen for seen in missed.values() if seen[0] < read_to] == []
    assert {kind for _, kind in missed.values()} <= {"CLIENT_LOGIN"}
    assert last == []
    assert len(found) >= EVENTS + load.written + len(load.logins) + 2
    assert reader.status.new == len(found)
    with store.read() as session:
        partner_of = dict(
            session.exec_driver_sql(
                "SELECT session_id, partner FROM sessions WHERE realm = '" + side.realm + "'"
            ).all()
        )
    assert {partner_of[late], partner_of[later], *(partner_of[s] for s in load.logins)} == {"acme"}
    assert not differs_from_raw(store, side.realm)
