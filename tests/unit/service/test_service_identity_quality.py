"""A partner's page shows identity data problems as counts, without personal data."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM, KnownSubjects, login, realm, register
from builders.partners import partner
from partnergate.attribution.quality import TITLES
from partnergate.keycloak.profiles import UserProfile
from partnergate.model.instants import to_ms
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.loops.profile_reader import ProfileReader
from partnergate.service.metrics import ServiceMetrics
from partnergate.service.portal.identity_quality import IdentityPanels
from partnergate.store import EventIngest, open_store
from partnergate.store.usage.ledger import StoredUsage

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
PROFILES = {
    "u0": UserProfile(first_name=None, last_name="Lovelace", email="ada@acme.test"),
    "u1": UserProfile(first_name="4711", last_name=None, email="bob@elsewhere.test"),
    "u2": UserProfile(first_name="Cy", last_name="Young", email="not an address"),
    "u3": UserProfile(first_name="Di", last_name="Prince", email=None),
}


class Profiles:
    def profile(self, user_id):
        return PROFILES.get(user_id)


class Clock:
    """A fixed clock that tests can set."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


@pytest.fixture
def ingest(store):
    made = EventIngest(store=store, subjects=KnownSubjects())
    made.record_registry(realm(), (partner("acme", domains=("acme.test",)), partner("globex")), 0)
    return made


@pytest.fixture
def client(store, clock):
    usage = StoredUsage(store)
    deps = ServiceDeps(
        realm=REALM, environment="production", store=store, usage=usage,
        queue=IngestQueue(ledger=usage, realm=REALM, clock=clock), authorizer=Authorizer(verifier=None), clock=clock,
    )  # fmt: skip
    with TestClient(create_app(deps)) as opened:
        yield opened


def sign_in(ingest, *users, days_ago=2, prefix="u"):
    at = to_ms(NOW - timedelta(days=days_ago))
    events = [
        login(at + n, subject=f"p{user}", session=f"s{at}-{n}", user=f"{prefix}{user}")
        for n, user in enumerate(users)
    ]
    ingest.keep(REALM, events, seen_ms=to_ms(NOW), advance=None)


def read_profiles(store, metrics=None):
    reading = ProfileReader(
        realm=REALM,
        store=store,
        source=Profiles(),
        metrics=metrics or ServiceMetrics(),
        clock=lambda: NOW,
    )
    reading.read_page()
    return reading


def rows(client, name="acme"):
    """Title -> (count, share) of the page's table."""
    text = client.get(f"/partners/{name}").text
    section = text.partition("<h2>Identity data</h2>")[2]
    found = re.findall(r'<th scope="row">(.+?)</th><td class="n">(.*?)</td><td class="n">(.*?)</td>', section)
    return section, {title: (number, share) for title, number, share in found}


def test_every_problem_is_a_row_with_its_count_and_share(ingest, store, client):
    sign_in(ingest, 0, 1, 2, 3, 0)
    read_profiles(store)
    section, found = rows(client)
    assert set(found) == set(TITLES.values())
    assert found["No first name"] == ("2", "40 %")
    assert found["No last name"] == ("1", "20 %")
    assert found["Malformed name"] == ("1", "20 %")
    assert found["No email"] == ("1", "20 %")
    assert found["Malformed email"] == ("1", "20 %")
    assert found["Outside the agreed domains"] == ("1", "20 %")
    assert found["Emails with several subjects"] == ("0", "")
    assert "5 logins" in section
    assert "4 new users" in section


def test_the_page_contains_no_personal_data(ingest, store, client):
    sign_in(ingest, 0, 1, 2, 3)
    read_profiles(store)
    text = client.get("/partners/acme").text
    assert [
        w for w in ("Lovelace", "ada@", "4711", "elsewhere.test", "Prince", "p0", "u0") if w in text
    ] == []


def test_changed_and_unusually_many_new_subjects_are_detected_from_events(ingest, client):
    at = to_ms(NOW - timedelta(days=3))
    changed = [register(at + n, email="ada@acme.test", subject=f"id{n}", event_id=f"r{n}") for n in range(2)]
    changed += [login(at + n, subject=f"id{n}", session=f"c{n}") for n in range(2)]
    ingest.keep(REALM, changed, seen_ms=to_ms(NOW), advance=None)
    sign_in(ingest, *range(40), days_ago=1, prefix="new")
    _, found = rows(client)
    assert found["Emails with several subjects"] == ("1", "")
    (jump,) = [title for title in found if title.startswith("Unusually many")]
    assert found[jump][0] == "40"
    assert f"{NOW - timedelta(days=1):%Y-%m-%d}" in jump


def test_no_logins_and_no_profiles_have_separate_messages(ingest, store, client):
    assert "No logins since" in rows(client, "globex")[0]
    sign_in(ingest, 0)
    assert "No user profiles have been read yet" in rows(client)[0]


def test_counts_are_cached_for_a_minute(ingest, store):
    data = IdentityPanels(store=store, realm=REALM)
    spec, start = partner("acme"), NOW - timedelta(days=30)
    sign_in(ingest, 0)
    first = data.panel(spec, start, NOW, "")
    sign_in(ingest, 1, days_ago=1)
    assert data.panel(spec, start, NOW, "") == first
    assert data.panel(spec, start - timedelta(days=1), NOW, "").logins == 2


def test_metrics_count_read_profiles_and_are_updated_at_intervals(ingest, store):
    metrics = ServiceMetrics()
    sign_in(ingest, 0, 1)
    reading = read_profiles(store, metrics)
    clock = iter((0.0, 1.0, 299.0, 300.0))
    reading.monotonic = lambda: next(clock)
    assert [reading.update_metrics_when_due() for _ in range(4)] == [True, False, False, True]
    labels = {"realm": REALM, "partner": "acme"}
    assert metrics.registry.get_sample_value("partnergate_identity_logins", labels | {"seen": "yes"}) == 2
    assert metrics.registry.get_sample_value("partnergate_identity_logins", labels | {"seen": "no"}) == 0
    problem = labels | {"problem": "missing_first_name"}
    assert metrics.registry.get_sample_value("partnergate_identity_problems", problem) == 1


class SlowFirstRead:
    """A store whose first read waits until the gate is open."""

    def __init__(self, store):
        self.store, self.gate, self.reads = store, threading.Event(), 0

    @contextmanager
    def read(self):
        self.reads += 1
        if self.reads == 1:
            assert self.gate.wait(10)
        with self.store.read() as connection:
            yield connection


def test_a_partner_with_a_slow_count_does_not_hold_up_another(ingest, store):
    slow = SlowFirstRead(store)
    panels = IdentityPanels(store=slow, realm=REALM)
    start = NOW - timedelta(days=30)
    with ThreadPoolExecutor(4) as pool:
        acme = [pool.submit(panels.panel, partner("acme"), start, NOW, "") for _ in range(2)]
        while not slow.reads:
            time.sleep(0.001)
        assert panels.panel(partner("globex"), start, NOW, "").logins == 0
        assert not any(one.done() for one in acme)
        slow.gate.set()
        assert [one.result(10).logins for one in acme] == [0, 0]
    assert slow.reads == 2  # the second request for acme used the counts of the first
