"""Authorization: every route declares its access level, and one place enforces it."""

import pytest
from fastapi import Depends
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, batch, cloud_event, every_meter, prepared
from partnergate.service.access import Authorizer, Need, Principal, declared_routes, needs, refuse_undeclared
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.api.tokens import InvalidTokenError, KeysUnavailableError
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store import open_store

PUBLIC = {"/livez", "/readyz", "/statement.css"}
TOKENS = {
    "operator": Principal(client_id="c", roles=frozenset({"partnergate-operator"}), partner=None),
    "acme": Principal(client_id="c", roles=frozenset({"partner-billing"}), partner="acme"),
    "globex": Principal(client_id="c", roles=frozenset({"partner-billing"}), partner="globex"),
    "roleless": Principal(client_id="c", roles=frozenset(), partner="acme"),
    "usage": Principal(client_id="c", roles=frozenset({"usage-writer"}), partner=None),
    "metrics": Principal(client_id="c", roles=frozenset({"metrics-reader"}), partner=None),
    "greedy": Principal(
        client_id="c",
        roles=frozenset({"partnergate-operator", "usage-writer", "partner-billing", "metrics-reader"}),
        partner="globex",
    ),
}


class KnownTokens:
    """A verifier that accepts names as tokens."""

    def needs_keys(self, token):
        return token == "no-keys"

    def verify(self, token):
        if token == "no-keys":
            raise KeysUnavailableError
        if token not in TOKENS:
            raise InvalidTokenError("the token is not valid")
        return TOKENS[token]


@pytest.fixture
def deps(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        usage = prepared(store, terms=every_meter())
        yield ServiceDeps(
            realm=REALM,
            environment="production",
            store=store,
            usage=usage,
            queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
            authorizer=Authorizer(verifier=KnownTokens()),
            clock=lambda: NOW,
        )


@pytest.fixture
def client(deps):
    with TestClient(create_app(deps), raise_server_exceptions=False) as opened:
        yield opened


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


def routes(client):
    """Return (template, path, method, access level) of every route."""
    found = declared_routes(client.app)
    return [(r.path, r.path.replace("{partner}", "acme"), m, r.needs[0]) for r in found for m in r.methods]


def test_every_route_requires_a_token_or_is_listed_as_public(client):
    """Checks every registered route, so that a new route cannot be missed."""
    found = routes(client)
    assert len(found) >= 7
    for template, path, method, _ in found:
        answer = client.request(method, path)
        if template in PUBLIC:
            assert answer.status_code == 200, template
        else:
            assert answer.status_code == 401, template
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_partner_can_access_its_own_routes_only(client):
    for template, path, method, need in routes(client):
        if template in PUBLIC:
            continue
        foreign = client.request(method, path, headers=bearer("globex")).status_code
        assert foreign == (403 if need is Need.USAGE else 404), path
        own = client.request(method, path, headers=bearer("acme")).status_code
        if template.count("{") > 1:
            assert own in {404, 422}, path  # allowed, but the document does not exist
        else:
            assert own == {Need.PARTNER: 200, Need.USAGE: 403, Need.OPERATOR: 404, Need.METRICS: 404}[need], (
                path
            )


@pytest.mark.parametrize("name", ["greedy", "roleless", "usage"])
def test_a_partner_user_with_the_operator_role_or_without_a_role_sees_no_partner(client, name):
    assert client.get("/", headers=bearer(name)).status_code == 404
    assert client.get("/v1/partners/acme/quantities", headers=bearer(name)).status_code == 404
    if name == "greedy":
        assert client.post("/v1/usage", headers=bearer(name)).status_code == 403


def test_an_operator_can_access_every_partner_but_cannot_send_usage(client):
    assert client.get("/", headers=bearer("operator")).status_code == 200
    assert client.get("/partners/globex", headers=bearer("operator")).status_code == 200
    assert client.get("/partners/unknown", headers=bearer("operator")).status_code == 404
    assert client.post("/v1/usage", headers=bearer("operator")).status_code == 403


def test_an_unknown_partner_and_another_partner_get_the_same_response(client):
    foreign = client.get("/v1/partners/acme/quantities", headers=bearer("globex"))
    unknown = client.get("/v1/partners/unknown/quantities", headers=bearer("globex"))
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())


def test_an_invalid_token_is_refused_and_an_unverifiable_one_must_retry(client):
    assert client.get("/", headers=bearer("forged")).status_code == 401
    answer = client.get("/", headers=bearer("no-keys"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_a_route_without_an_access_level_is_rejected(deps):
    app = create_app(deps)
    app.add_api_route("/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_undeclared(app)


def test_a_route_that_would_block_the_shared_thread_pool_is_rejected(deps):
    """One slow kind of work could take all its threads, and with them every other route."""
    app = create_app(deps)
    app.add_api_route("/blocking", lambda: None, dependencies=[needs(Need.OPERATOR)])
    with pytest.raises(RuntimeError, match="would block the shared thread pool"):
        refuse_undeclared(app)
    app = create_app(deps)

    async def handler():
        pass

    app.add_api_route("/below", handler, dependencies=[needs(Need.OPERATOR), Depends(lambda: None)])
    with pytest.raises(RuntimeError, match="would block the shared thread pool"):
        refuse_undeclared(app)


def test_a_partner_route_must_have_the_partner_in_its_path(deps):
    app = create_app(deps)
    app.add_api_route("/all", lambda: None, dependencies=[needs(Need.PARTNER)])
    with pytest.raises(RuntimeError, match=r"has no \{partner\} parameter"):
        refuse_undeclared(app)


def test_a_batch_returns_a_result_per_item_and_counts(client):
    body = batch(cloud_event(1), cloud_event(1), {"id": "x"}, cloud_event(2, subject="session:unknown"))
    answer = client.post(
        "/v1/usage",
        content=body,
        headers={**bearer("usage"), "content-type": "application/cloudevents-batch+json"},
    )
    assert answer.status_code == 200
    assert [r["status"] for r in answer.json()["results"]] == ["accepted", "duplicate", "rejected", "parked"]
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 1, "rejected": 1, "parked": 1}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/cloudevents-batch+json", 400),
        (b"{}", "application/cloudevents+json", 400),
        (b"{}", "text/plain", 415),
        (b"[" + b",".join([b"{}"] * 10_001) + b"]", "application/cloudevents-batch+json", 413),
        (b"x" * (32 * 1024 * 1024 + 1), "application/cloudevents-batch+json", 413),
    ],
)
def test_an_invalid_request_returns_a_problem_document(client, body, kind, status):
    answer = client.post("/v1/usage", content=body, headers={**bearer("usage"), "content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


ATTRIBUTES = {
    "ce-specversion": "1.0", "ce-source": "https://product.example/tasks", "ce-id": "b1",
    "ce-type": "task.run", "ce-time": "2026-11-20T10:00:00Z", "ce-subject": "session:s1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("application/json", ("ce-id",)),
        ("application/json", ("ce-specversion", "ce-time")),
        ("application/json", tuple(ATTRIBUTES)),
        ("text/plain", ("ce-specversion",)),
    ],
)
def test_binary_mode_names_every_missing_header(client, kind, missing):
    present = {name: value for name, value in ATTRIBUTES.items() if name not in missing}
    answer = client.post(
        "/v1/usage", content=b"{}", headers={**bearer("usage"), **present, "content-type": kind}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem["missing"]) == set(missing) - {"ce-subject"}
    assert all(name in problem["detail"] for name in problem["missing"])
    assert "application/cloudevents+json" in problem["detail"]


def test_binary_mode_accepts_one_event_with_attributes_in_headers(client):
    headers = {**bearer("usage"), **ATTRIBUTES, "content-type": "application/json"}
    answer = client.post("/v1/usage", content=b'{"quantity": 1}', headers=headers)
    assert (answer.status_code, answer.json()["id"]) == (200, "b1")


def test_the_api_description_contains_every_response(deps):
    """A schema-based test found a response that was not described."""
    paths = create_app(deps).openapi()["paths"]
    quantities = paths["/v1/partners/{partner}/quantities"]["get"]["responses"]
    everywhere = {"408", "421", "431", "500", "503"}
    assert set(quantities) == {"200", "401", "404", "422", "429"} | everywhere
    assert set(paths["/metrics"]["get"]["responses"]) == {"200", "401", "404", "429"} | everywhere
    assert set(paths["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}
    assert set(paths["/livez"]["get"]["responses"]) == {"200"} | everywhere
    usage = paths["/v1/usage"]["post"]
    assert set(usage["responses"]) == {"200", "400", "401", "403", "409", "413", "415", "429"} | everywhere
    assert all("Retry-After" in usage["responses"][status]["headers"] for status in ("429", "503"))
    assert usage["security"]
    assert "security" not in paths["/livez"]["get"]
    named = {parameter["name"] for parameter in usage["parameters"]}
    assert named == {"ce-specversion", "ce-source", "ce-id", "ce-type", "ce-time", "ce-subject"}


def test_a_full_queue_returns_429_with_retry_after(deps):
    deps.queue._events = deps.queue.capacity
    with TestClient(create_app(deps)) as client:
        answer = client.post(
            "/v1/usage",
            content=batch(cloud_event(1)),
            headers={**bearer("usage"), "content-type": "application/cloudevents-batch+json"},
        )
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"


def test_metrics_are_for_the_host_only_because_they_name_partners(client):
    answers = {name: client.get("/metrics", headers=bearer(name)).status_code for name in TOKENS}
    assert answers == {
        "operator": 200, "metrics": 200, "acme": 404, "globex": 404, "roleless": 404, "usage": 404, "greedy": 404,
    }  # fmt: skip
    assert client.get("/metrics").status_code == 401


def test_metrics_contain_no_session_user_or_event(client):
    client.post(
        "/v1/usage",
        content=batch(cloud_event("secret-event", subject="session:secret-session")),
        headers={**bearer("usage"), "content-type": "application/cloudevents-batch+json"},
    )
    text = client.get("/metrics", headers=bearer("metrics")).text
    assert 'partnergate_usage_events_total{status="parked"} 1.0' in text
    assert "secret" not in text


def test_the_openapi_document_describes_the_three_modes(client):
    document = client.get("/openapi.json").json()
    content = document["paths"]["/v1/usage"]["post"]["requestBody"]["content"]
    assert set(content) == {
        "application/cloudevents-batch+json",
        "application/cloudevents+json",
        "application/json",
    }
