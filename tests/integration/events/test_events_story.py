"""The reader on a live server: least rights, settings changed by hand, a cleared log, two realms, an outage."""

import json
import logging
import threading
import time
from datetime import timedelta

import pytest
from prometheus_client import generate_latest

from builders.events import EVER, realm
from builders.partners import partner
from hostile.fault_proxy import Break, fault_proxy
from partnergate.errors import KeycloakError, KeycloakForbiddenError
from partnergate.events.reader import EventReader, Pace
from partnergate.keycloak.events import KeycloakEvents
from partnergate.keycloak.profiles import KeycloakProfiles
from partnergate.playground.real_clock import now
from partnergate.service.logs import JsonLines
from partnergate.service.loops.profile_reader import ProfileReader
from partnergate.service.metrics import ServiceMetrics
from partnergate.store import EventIngest
from partnergate.store.sessions.ingest import gaps_between
from partnergate.store.sessions.profiles import partner_quality
from partnergate.store.usage.overview import realm_health

pytestmark = pytest.mark.integration

ACME = partner("acme", domains=("acme.test",))


def reading(side, store, connection, **pace):
    ingest = EventIngest(store=store)
    ingest.record_registry(realm(side.realm), (ACME,), 0)
    return EventReader(
        realm=side.realm,
        source=KeycloakEvents({side.realm: connection}),
        keeper=ingest,
        stop=threading.Event(),
        pace=Pace(**pace),
        wall=lambda: now().timestamp(),
    )


def again(reader):
    """A round in which everything is due."""
    reader._due.clear()
    return reader.round()


def sessions_of(store, name):
    with store.read() as connection:
        query = f"SELECT session_id FROM sessions WHERE realm = '{name}' AND partner = 'acme'"
        return sorted(row.session_id for row in connection.exec_driver_sql(query))


def reasons(store, name):
    with store.read() as connection:
        return {g.reason for g in gaps_between(connection, name, 0, 2**45)}


def test_brokered_logins_are_read_with_minimal_permissions_and_attributed(side, store):
    expected = side.log_in("ann", 2) + side.log_in("bob")
    time.sleep(1.1)  # the server's clock has whole seconds
    with side.reader() as connection:
        reader = reading(side, store, connection)
        assert reader.round() > 3
        assert again(reader) <= 1  # asking for the time is a sign-in of the reader itself
        side.log_in("bob")
        assert reader.round() > 0
    assert set(expected) < set(sessions_of(store, side.realm))
    assert len(sessions_of(store, side.realm)) == 4
    assert 0 < reader.status.oldest_age_s < 600
    assert reader.status.retention_s == 86_400


def test_manually_disabled_events_are_reported_and_recorded_as_a_gap(side, store):
    side.log_in()
    with side.reader() as connection:
        reader = reading(side, store, connection)
        reader.round()
        assert reader.status.keeps_logins
        side.keep_events(on=False)
        time.sleep(1.1)  # the server's clock has whole seconds
        again(reader)
        assert not reader.status.keeps_logins
        with store.read() as session:
            assert realm_health(session, side.realm).keeps_logins is False
        side.keep_events(on=True)
        again(reader)
    assert reader.status.keeps_logins
    assert "events_disabled" in reasons(store, side.realm)
    assert Pace().settings_s + Pace().poll_s < 60


def test_a_cleared_event_log_is_a_gap_and_stored_events_remain(side, store):
    expected = side.log_in("ann", 2)
    with side.reader() as connection:
        reader = reading(side, store, connection)
        reader.round()
        side.admin.delete("events")
        time.sleep(1.1)
        again(reader)
        expected += side.log_in("bob")
        again(reader)
    assert "events_cleared" in reasons(store, side.realm)
    assert sessions_of(store, side.realm) == sorted(expected)


def test_two_realms_are_independent(side, new_realm, store):
    other = new_realm()
    mine, theirs = side.log_in("ann", 2), other.log_in("ann")
    with side.reader() as one, other.reader() as two:
        readers = reading(side, store, one), reading(other, store, two)
        threads = [threading.Thread(target=r.round) for r in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sessions_of(store, side.realm) == sorted(mine)
    assert sessions_of(store, other.realm) == theirs


def test_a_keycloak_outage_neither_loses_nor_duplicates_events(side, store):
    expected = side.log_in()
    with fault_proxy(side.admin.server_url) as proxy, side.reader(proxy.url) as connection:
        reader = reading(side, store, connection, poll_s=0.1, whole_s=0.3, settings_s=0.3, retry_s=0.1)
        proxy.add("GET", r"/events\?", Break.CUT_AFTER, times=2, skip=1)
        thread = threading.Thread(target=reader.run)
        thread.start()
        try:
            wait_for(lambda: len(sessions_of(store, side.realm)) == 1)
            proxy.dead = True
            expected += side.log_in("bob", 2)
            wait_for(lambda: reader.status.failures >= 2)
            assert len(sessions_of(store, side.realm)) == 1
            proxy.revive()
            wait_for(lambda: len(sessions_of(store, side.realm)) == 3 and not reader.status.failures)
        finally:
            reader.stop.set()
            thread.join(30)
    assert not thread.is_alive()
    assert sessions_of(store, side.realm) == sorted(expected)
    with store.read() as session:
        rows = session.exec_driver_sql("SELECT id FROM raw_events").scalars().all()
        assert realm_health(session, side.realm).events == len(rows)
    kept = {e["id"] for e in side.admin.get("events", max=1000)}
    assert sorted(rows) == sorted(kept)
    assert reasons(store, side.realm) == set()


def test_profiles_are_counted_and_a_missing_permission_is_logged_once(side, store, caplog):
    side.log_in("ann")
    side.log_in("bob", 2)
    metrics = ServiceMetrics()
    with side.reader() as connection:
        reader = reading(side, store, connection)
        reader.round()
        looking = ProfileReader(
            realm=side.realm, store=store, source=KeycloakProfiles(connection), metrics=metrics, clock=now
        )
        looking.read_page()
        looking._update_metrics()
        side.take_away("view-users")
        looking._after = ""
        with store.write() as session:
            session.exec_driver_sql("DELETE FROM raw_profiles WHERE first_name = 'present'")
        connection._session.renew()
        stop, looking.forbidden_s = threading.Event(), 0.2
        with caplog.at_level(logging.WARNING):
            thread = threading.Thread(target=looking, args=(stop,))
            thread.start()
            time.sleep(1.5)
            stop.set()
            thread.join(30)
        side.log_in("ann")
        assert reader.round() > 0
    warnings = [r for r in caplog.records if "profiles_not_readable" in r.getMessage()]
    assert len(warnings) == 1
    with store.read() as session:
        found = partner_quality(
            session, side.realm, "acme", EVER, time_zone="UTC", agreed_domains=("acme.test",)
        )
        dump = json.dumps([list(map(str, r)) for r in session.exec_driver_sql("SELECT * FROM raw_profiles")])
    assert (found.logins, found.observed, found.malformed_names, found.outside_domains) == (4, 2, 2, 2)
    assert [word for word in ("4711", "bob@", "Doe", "Ann") if word in dump] == []
    text = generate_latest(metrics.registry).decode()
    labels = f'{{partner="acme",problem="malformed_name",realm="{side.realm}"}}'
    assert f"partnergate_identity_problems{labels} 2.0" in text
    assert f'partnergate_profiles_readable{{realm="{side.realm}"}} 0.0' in text


def test_logs_contain_no_personal_data_or_tokens(side, store, caplog):
    """Covers failures of the server, the store and permissions, disabled events and a cleared realm."""
    sessions = side.log_in("ann") + side.log_in("bob")
    with (
        caplog.at_level(logging.DEBUG, "partnergate"),
        fault_proxy(side.admin.server_url) as proxy,
        side.reader(proxy.url) as connection,
    ):
        reader = reading(side, store, connection)
        reader.round()
        looking = ProfileReader(
            realm=side.realm,
            store=store,
            source=KeycloakProfiles(connection),
            metrics=ServiceMetrics(),
            clock=now,
        )
        looking.read_page()
        looking._failed(KeycloakForbiddenError("no"))
        side.keep_events(on=False)
        side.admin.delete("events")
        time.sleep(1.1)
        again(reader)
        proxy.dead = True
        with pytest.raises(KeycloakError) as failure:
            again(reader)
        reader.failed(failure.value)
        token = connection._session.access_token()
    lines = [JsonLines().format(record) for record in caplog.records if record.name.startswith("partnergate")]
    text = "\n".join(lines)
    for said in ("events_read_failed", "events_disabled", "events_gap", "profiles_not_readable"):
        assert said in text
    private = ("ann@acme.test", "bob@elsewhere.test", "Doe", "4711", "only-for-this-test", token, *sessions)
    assert [word for word in private if word in text] == []


def wait_for(condition, seconds=60):
    end = now() + timedelta(seconds=seconds)
    while not condition():
        assert now() < end, "it did not come true in time"
        time.sleep(0.1)
