"""Two environments side by side: one service each, one store; what each keeps is its own."""

from contextlib import ExitStack
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from builders.events import KnownSubjects, login, realm
from builders.partners import partner
from builders.usage import NOW, batch, cloud_event, every_meter
from partnergate.errors import UsageError
from partnergate.model.workspace import Workspace
from partnergate.service.access import Authorizer
from partnergate.service.app import create_app
from partnergate.service.compose import service_deps
from partnergate.service.metrics import ServiceMetrics
from partnergate.store import EventIngest, open_store

REALMS = {"production": "host", "staging": "host-staging"}


def workspace(environment, name=None):
    named = tuple(replace(partner(p), agreements=(every_meter(by=("usage",)),)) for p in ("acme", "globex"))
    return Workspace(realm=realm(name or REALMS[environment], environment=environment), partners=named)


def serving(stack, url, environment):
    deps = service_deps(
        workspace(environment),
        stack.enter_context(open_store(url)),
        authorizer=Authorizer(verifier=None),
        clock=lambda: NOW,
        metrics=ServiceMetrics(),
    )
    ingest = EventIngest(store=deps.store, subjects=KnownSubjects())
    at = int(NOW.timestamp() * 1000) - 60_000
    seen = [login(at, session="s1", user="u1", subject="ada", event_id="same-id")]
    ingest.keep(deps.realm, seen, seen_ms=at + 1_000, advance=None)
    return deps, stack.enter_context(TestClient(create_app(deps)))


def counted(client, number):
    answer = client.post(
        "/v1/usage",
        content=batch(*(cloud_event(n) for n in range(number))),
        headers={"content-type": "application/cloudevents-batch+json"},
    )
    assert answer.json()["counts"].get("accepted", 0) == number
    found = client.get("/v1/partners/acme/quantities", params={"period": "2026-10"}).json()["quantities"]
    (count,) = (q for q in found if q["meter"] == "count")
    return count["value"], count["excluded"]


def test_two_environments_on_one_store_count_each_its_own_and_staging_is_not_billed(store_url):
    """The product sends events of one source and id to both, as a copy of production would."""
    with ExitStack() as stack:
        made = {name: serving(stack, store_url, name) for name in REALMS}
        assert counted(made["production"][1], 5) == ("5", {})
        assert counted(made["staging"][1], 3) == ("0", {"staging": 3})
        assert counted(made["production"][1], 0) == ("5", {})
        for name, (_, client) in made.items():
            figures = client.get("/metrics").text
            assert f'partnergate_login_events{{realm="{REALMS[name]}"}} 1.0' in figures
            assert f'realm="{REALMS["staging" if name == "production" else "production"]}"' not in figures


def test_a_second_environment_with_the_same_realm_name_is_refused(store):
    service_deps(
        workspace("production", "host"),
        store,
        authorizer=Authorizer(verifier=None),
        clock=lambda: NOW,
        metrics=ServiceMetrics(),
    )
    with pytest.raises(UsageError, match="realm host as environment production") as refused:
        service_deps(
            workspace("staging", "host"),
            store,
            authorizer=Authorizer(verifier=None),
            clock=lambda: NOW,
            metrics=ServiceMetrics(),
        )
    assert "store of its own" in refused.value.advice
    service_deps(
        workspace("production", "host"),
        store,
        authorizer=Authorizer(verifier=None),
        clock=lambda: NOW,
        metrics=ServiceMetrics(),
    )
