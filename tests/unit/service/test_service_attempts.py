"""What became of launches: on record at once, kept through a broken store, each partner its own."""

import json
import logging
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens
from partnergate.errors import StoreUnavailableError
from partnergate.service.access import Door
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.record import LaunchRecord
from partnergate.service.logs import LOGGER, JsonLines
from partnergate.service.metrics import ServiceMetrics
from partnergate.signin.attempts import LaunchOutcome
from partnergate.store import open_store
from partnergate.store.sessions.attempts import add_launches


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


@pytest.fixture
def record(store):
    return LaunchRecord(realm=REALM, store=store, metrics=ServiceMetrics(), clock=lambda: NOW)


@pytest.fixture
def client(store):
    usage = prepared(store, terms=every_meter(), logins=False)
    deps = ServiceDeps(
        realm=REALM,
        environment="staging",
        store=store,
        usage=usage,
        queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
        door=Door(verifier=NamedTokens()),
        clock=lambda: NOW,
    )
    with TestClient(create_app(deps), follow_redirects=False) as opened:
        yield opened


def kept(store):
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT partner, outcome, launches FROM launch_counts ORDER BY 1, 2"
        )
        return [tuple(row) for row in rows]


def test_an_outcome_is_logged_and_measured_at_once_and_stored_soon(record, store, caplog):
    caplog.set_level(logging.INFO, logger=LOGGER.name)
    record.note("acme", LaunchOutcome.BEGUN)
    record.note("", LaunchOutcome.NOT_OURS)
    lines = [json.loads(JsonLines().format(r)) for r in caplog.records]
    assert [(x["event"], x["level"], x["partner"], x["outcome"]) for x in lines] == [
        ("launch", "info", "acme", "begun"),
        ("launch", "warning", "", "not_ours"),
    ]
    assert b'partnergate_launches_total{outcome="begun",partner="acme"} 1.0' in record.metrics.text()
    assert kept(store) == []
    record.write()
    record.write()
    assert kept(store) == [("", "not_ours", 1), ("acme", "begun", 1)]


def test_counts_outlive_a_store_that_does_not_answer(record, store, monkeypatch):
    record.note("acme", LaunchOutcome.BEGUN)

    class Broken:
        def write(self):
            raise StoreUnavailableError("the store does not answer")

    record.store = Broken()
    with pytest.raises(StoreUnavailableError):
        record.write()
    record.store = store
    record.note("acme", LaunchOutcome.BEGUN)
    record.write()
    assert kept(store) == [("acme", "begun", 2)]


def test_the_loop_writes_what_waits_when_the_service_stops(record, store):
    class Stopped:
        def wait(self, _):
            return True

    record.note("acme", LaunchOutcome.SUSPENDED)
    record(Stopped())
    assert kept(store) == [("acme", "suspended", 1)]


def test_the_host_sees_everybody_and_a_partner_itself_alone(client, store):
    counts = {
        ("acme", "target_not_allowed"): 3,
        ("globex", "suspended"): 5,
        ("", "unknown_partner"): 9,
    }
    with store.write() as connection:
        add_launches(connection, REALM, NOW - timedelta(minutes=1), counts)
    everything = client.get("/attempts", headers={"Authorization": "Bearer operator"}).text
    for words in ("a target outside the product", "the partner is suspended", "a link that names no partner"):
        assert words in everything
    own = client.get("/partners/acme/attempts", headers={"Authorization": "Bearer acme"}).text
    assert "a target outside the product" in own
    assert "suspended" not in own
    assert "Globex" not in own
    assert client.get("/attempts", headers={"Authorization": "Bearer acme"}).status_code == 404


def test_a_partner_nobody_launched_for_has_a_page_that_says_so(client):
    page = client.get("/partners/globex/attempts", headers={"Authorization": "Bearer operator"})
    assert page.status_code == 200
    assert "0 launches" in page.text
    unknown = client.get("/partners/nobody/attempts", headers={"Authorization": "Bearer operator"})
    assert unknown.status_code == 404
