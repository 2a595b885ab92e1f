"""Hardening of every route: no framing, no caching, no trust in the Host header."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens
from partnergate.language.load import load_workspace
from partnergate.service.access import Authorizer, declared_routes
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.routes import launch_routes
from partnergate.service.launch.session_check import session_check
from partnergate.service.launch.steps import LaunchService
from partnergate.service.portal.checks import PartnerChecks
from partnergate.service.portal.handoff import HandoffPages, handoff_routes
from partnergate.signin.launch_state import StateKey
from partnergate.store import open_store

ROOT = Path(__file__).parents[3]
EVIL = "evil.example"


@pytest.fixture
def recorded():
    return []


@pytest.fixture
def workspace():
    loaded, _ = load_workspace(ROOT, "staging", variables={})
    return loaded


@pytest.fixture
def launch(workspace, recorded):
    return LaunchService(
        realm=workspace.realm,
        settings=workspace.realm.launch,
        partners=lambda: workspace.partners,
        check=session_check(workspace.realm, workspace.realm.launch, lambda: NOW),
        key=StateKey(value=b"k" * 32),
        clock=lambda: NOW,
        record=lambda partner, outcome: recorded.append((partner, outcome.value)),
    )


@pytest.fixture
def client(tmp_path, workspace, launch):
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        usage = prepared(store, terms=every_meter())
        pages = HandoffPages(
            workspace=lambda: workspace,
            store=store,
            checks=PartnerChecks(examine=lambda _: (), clock=lambda: NOW),
            clock=lambda: NOW,
        )
        deps = ServiceDeps(
            realm=REALM,
            environment="staging",
            store=store,
            usage=usage,
            queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
            authorizer=Authorizer(verifier=NamedTokens()),
            clock=lambda: NOW,
            routers=(handoff_routes(pages),),
            public_routers=(launch_routes(launch),),
        )
        with TestClient(create_app(deps), follow_redirects=False) as opened:
            yield opened


def answers(client, **headers):
    """Yield (path, response) of every route with and without a token, and of missing pages."""
    for route in declared_routes(client.app):
        path = route.path.replace("{partner}", "acme")
        for method in route.methods:
            for token in ({}, {"Authorization": "Bearer operator"}):
                yield path, client.request(method, path, headers=headers | token)
            yield path, client.request(method, path + "/", headers=headers)
    for path in ("/no/such/page", "/launch/", "/static/partnergate.css", "/static/../app.py"):
        yield path, client.get(path, headers=headers)
    yield "/launch", client.put("/launch", headers=headers)


def test_no_response_can_be_framed_or_sniffed(client):
    for path, answer in answers(client):
        assert answer.headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path


def test_only_style_sheets_can_be_cached(client):
    for path, answer in answers(client):
        caching = answer.headers.get("cache-control", "")
        assert ("no-store" in caching) is not path.startswith("/static/partnergate"), (path, caching)


def test_the_host_header_of_a_request_is_ignored(client):
    """A redirect to the host of the request would be an open redirect."""
    for path, answer in answers(client, Host=EVIL, **{"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}):
        assert EVIL not in answer.headers.get("location", ""), path
        assert EVIL not in answer.text, path


def test_the_launch_cookie_cannot_be_set_by_another_host(client):
    """With the prefix, browsers require https, this exact host, and no Domain attribute."""
    cookie = client.get("/launch/acme").headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-partnergate-launch"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
    assert not any(a.startswith("domain") for a in attributes)


@pytest.mark.parametrize(
    "partner",
    [
        "acme%0d%0aSet-Cookie:%20x=1",
        "<script>alert(1)</script>",
        "..%2f..%2f",
        "a" * 5000,
        "%00",
        "%E2%80%AE",
    ],
)
def test_an_unknown_partner_name_is_not_reflected(client, recorded, partner):
    answer = client.get(f"/launch/{partner}")
    assert answer.status_code in {400, 404}
    assert "set-cookie" not in answer.headers
    assert "script" not in answer.text
    assert recorded in ([], [("", "unknown_partner")])


def test_an_oversized_launch_form_is_refused_before_it_is_read(client):
    sent = []

    def body():
        for _ in range(1000):
            sent.append(1)
            yield b"iss=" + b"x" * 16_000

    answer = client.post("/launch", content=body())
    assert answer.status_code == 413


def test_the_checked_target_is_the_one_that_is_used(client):
    """Parameter pollution: an allowed value must not hide another one."""
    good = "https://app.staging.host.example/workspaces"
    for first, second in ((good, "https://evil.example"), ("https://evil.example", good)):
        answer = client.get("/launch/acme", params=[("target_link_uri", first), ("target_link_uri", second)])
        assert EVIL not in answer.headers.get("location", "")


def strict(limit):
    """Reduce a limit to 20 requests: the client of these tests has no address, so its limit is 20-fold."""
    limit.burst, limit.per_second = 1, 0.001


def test_too_many_launches_of_one_client_are_refused_with_retry_after(client, launch):
    """The limit is shared by all launch routes, and the response is a page for a browser."""
    strict(launch.limit)
    routes = ("/launch/acme", "/launch", "/sign-in/checked", "/sign-in/ended")
    statuses = [client.get(routes[n % 4]).status_code for n in range(24)]
    assert [status == 429 for status in statuses] == [False] * 20 + [True] * 4
    refused = client.get("/launch/acme", headers={"accept": "text/html"})
    assert (refused.status_code, int(refused.headers["retry-after"]) >= 1) == (429, True)
    assert refused.headers["content-type"].startswith("text/html")
    assert client.post("/launch", data={"iss": "x"}).status_code == 429


def test_too_many_failed_tokens_are_refused_and_a_valid_token_never_is(client):
    strict(client.app.state.authorizer.refusals)
    forged = {"Authorization": "Bearer forged"}
    assert [client.get("/", headers=forged).status_code for _ in range(22)] == [401] * 20 + [429] * 2
    assert client.get("/").status_code == 429
    assert int(client.get("/", headers=forged).headers["retry-after"]) >= 1
    assert client.get("/", headers={"Authorization": "Bearer operator"}).status_code == 200
