"""Launch outcomes are recorded immediately, survive store failures, and are visible per partner."""

import json
import logging
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens
from partnergate.errors import StoreUnavailableError
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.outcome_counter import LaunchOutcomeCounter
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
def counter(store):
    return LaunchOutcomeCounter(realm=REALM, store=store, metrics=ServiceMetrics(), clock=lambda: NOW)


@pytest.fixture
def client(store):
    usage = prepared(store, terms=every_meter(), logins=False)
    deps = ServiceDeps(
        realm=REALM,
        environment="staging",
        store=store,
        usage=usage,
        queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
        authorizer=Authorizer(verifier=NamedTokens()),
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


def test_an_outcome_is_logged_and_counted_immediately_and_stored_later(counter, store, caplog):
    caplog.set_level(logging.INFO, logger=LOGGER.name)
    counter.record("acme", LaunchOutcome.STARTED)
    counter.record("", LaunchOutcome.INVALID_STATE)
    lines = [json.loads(JsonLines().format(r)) for r in caplog.records]
    assert [(x["event"], x["level"], x["partner"], x["outcome"]) for x in lines] == [
        ("launch", "info", "acme", "started"),
        ("launch", "warning", "", "invalid_state"),
    ]
    assert b'partnergate_launches_total{outcome="started",partner="acme"} 1.0' in counter.metrics.text()
    assert kept(store) == []
    counter.write()
    counter.write()
    assert kept(store) == [("", "invalid_state", 1), ("acme", "started", 1)]


def test_counts_survive_an_unavailable_store(counter, store, monkeypatch):
    counter.record("acme", LaunchOutcome.STARTED)

    class Broken:
        def write(self):
            raise StoreUnavailableError("the store is not available")

    counter.store = Broken()
    with pytest.raises(StoreUnavailableError):
        counter.write()
    counter.store = store
    counter.record("acme", LaunchOutcome.STARTED)
    counter.write()
    assert kept(store) == [("acme", "started", 2)]


def test_the_loop_writes_pending_counts_on_shutdown(counter, store):
    class Stopped:
        def wait(self, _):
            return True

    counter.record("acme", LaunchOutcome.SUSPENDED)
    counter(Stopped())
    assert kept(store) == [("acme", "suspended", 1)]


def test_an_operator_sees_all_attempts_and_a_partner_only_its_own(client, store):
    counts = {
        ("acme", "target_not_allowed"): 3,
        ("globex", "suspended"): 5,
        ("", "unknown_partner"): 9,
    }
    with store.write() as connection:
        add_launches(connection, REALM, NOW - timedelta(minutes=1), counts)
    operator_page = client.get("/attempts", headers={"Authorization": "Bearer operator"}).text
    for text in (
        "the target is outside the product",
        "the partner is suspended",
        "the link names no known partner",
    ):
        assert text in operator_page
    partner_page = client.get("/partners/acme/attempts", headers={"Authorization": "Bearer acme"}).text
    assert "the target is outside the product" in partner_page
    assert "suspended" not in partner_page
    assert "Globex" not in partner_page
    assert client.get("/attempts", headers={"Authorization": "Bearer acme"}).status_code == 404


def test_a_partner_without_launches_has_a_page_with_zero_counts(client):
    page = client.get("/partners/globex/attempts", headers={"Authorization": "Bearer operator"})
    assert page.status_code == 200
    assert "0 launches" in page.text
    unknown = client.get("/partners/unknown/attempts", headers={"Authorization": "Bearer operator"})
    assert unknown.status_code == 404
