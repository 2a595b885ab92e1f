"""Hand-off and readiness: what both sides see, each partner its own and nobody else's."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens
from partnergate.doctor.findings import Finding, Verdict
from partnergate.language.load import load_workspace
from partnergate.service.access import Door, Need, declared_routes
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.routes import LaunchService, launch_routes
from partnergate.service.launch.session_check import session_check
from partnergate.service.portal.handoff import HandoffPages, handoff_routes, handoff_view
from partnergate.signin.reasons import EXPLANATIONS, Reason
from partnergate.signin.state import StateKey
from partnergate.signin.trial import Mapped, Shown
from partnergate.store import open_store
from partnergate.store.sessions.staging_tests import StagingTest, record_staging_test

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def workspace():
    loaded, _ = load_workspace(ROOT, "staging", variables={})
    return loaded


@pytest.fixture
def pages(tmp_path, workspace):
    asked = []

    def examine(partner):
        asked.append(partner.partner)
        return (
            Finding(check="oidc.keys", subject="acme", verdict=Verdict.OK, detail="1 signing key"),
            Finding(
                check="oauth.client",
                subject="acme",
                verdict=Verdict.FAIL,
                detail="<b>no</b>",
                advice="compare",
            ),
        )

    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        made = HandoffPages(workspace=lambda: workspace, store=store, examine=examine, clock=lambda: NOW)
        yield made, asked


@pytest.fixture
def client(pages, workspace):
    made, _ = pages
    usage = prepared(made.store, terms=every_meter())
    launch = LaunchService(
        note=lambda *_: None,
        realm=workspace.realm,
        settings=workspace.realm.launch,
        partners=lambda: workspace.partners,
        check=session_check(workspace.realm, workspace.realm.launch, lambda: NOW),
        key=StateKey(value=b"k" * 32),
        clock=lambda: NOW,
    )
    deps = ServiceDeps(
        realm=REALM,
        environment="staging",
        store=made.store,
        usage=usage,
        queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
        door=Door(verifier=NamedTokens()),
        clock=lambda: NOW,
        routers=(handoff_routes(made),),
        public_routers=(launch_routes(launch),),
    )
    with TestClient(create_app(deps), follow_redirects=False) as opened:
        yield opened


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


def record(pages, reason="", at=datetime(2026, 11, 20, 9, tzinfo=UTC), **seen):
    test = StagingTest(
        realm="host-staging",
        environment="staging",
        partner="acme",
        alias="acme",
        at=at,
        reason=reason,
        **seen,
    )
    with pages.store.write() as connection:
        record_staging_test(connection, test)


def test_every_route_with_a_partner_is_closed_to_another_partner(client):
    """Over the application's own list, with the sign-in routes in it."""
    walked = [r for r in declared_routes(client.app) if r.needs[0] is not Need.PUBLIC]
    paths = {r.path for r in walked}
    assert {"/partners/{partner}/handoff", "/partners/{partner}/readiness"} <= paths
    for route in walked:
        path = route.path.replace("{partner}", "acme")
        for method in route.methods:
            assert client.request(method, path).status_code == 401, route
            assert client.request(method, path, headers=bearer("globex")).status_code in {403, 404}, route


def test_the_public_routes_show_nothing_of_a_partner(client):
    """A launch link says where to go and nothing about who uses it."""
    public = [r for r in declared_routes(client.app) if r.needs[0] is Need.PUBLIC]
    for route in public:
        answer = client.get(route.path.replace("{partner}", "acme"))
        for secret in ("sso@acme.example", "ap@acme.example", "Acme Automations", "499.00"):
            assert secret not in answer.text, route


def test_a_partner_sees_its_own_sheet_with_the_steps(client):
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert "https://go.staging.host.example/launch/acme" in text
    assert "https://id.staging.host.example/realms/host-staging/broker/acme/endpoint" in text
    assert text.count('<li class="') == 6
    assert "No test login has been made" in text
    assert "globex" not in text.lower()


def test_a_passed_test_moves_the_step_and_a_failed_one_says_why(client, pages):
    made, _ = pages
    record(made)
    acme = made.partner("acme")
    steps = {s.title: s for s in handoff_view(made, acme, today=date(2026, 11, 24)).steps}
    assert steps["Staging test passed"].because == "passed on 2026-11-20"
    record(made, reason="clock_skew", at=datetime(2026, 11, 21, tzinfo=UTC))
    text = client.get("/partners/acme/handoff", headers=bearer("operator")).text
    assert EXPLANATIONS[Reason.CLOCK_SKEW].text in text
    assert steps["Staging test passed"].state == "done"


def test_the_sheet_shows_which_claims_arrived_and_what_became_of_them(client, pages):
    """A partner finds out alone that its answer lacks what the sheet asks for."""
    made, _ = pages
    arrived = (Shown(name="<b>x</b>", value="1*** (3 characters)"), Shown(name="sub", value=""))
    mapped = (Mapped(field="user name", claim="sub", arrived=None, result=""),)
    record(made, reason="missing_claim", arrived=arrived, mapped=mapped)
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert "Needed, and did not arrive: <code>sub</code>" in text
    rows = text[text.index('id="arrived"') :]
    assert "&lt;b&gt;x&lt;/b&gt;</code></th><td>1*** (3 characters)</td>" in rows
    assert '<th scope="row">user name</th><td><code>sub</code></td><td>not seen</td><td>(nothing)' in text


@pytest.mark.parametrize(
    ("arrived", "words"), [(None, "Nobody could look at what arrived"), ((), "Nothing arrived")]
)
def test_the_sheet_says_when_there_is_nothing_to_show(client, pages, arrived, words):
    made, _ = pages
    record(made, reason="unknown", arrived=arrived, details=("the page says <no>",))
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert words in text
    assert "<li>the page says &lt;no&gt;</li>" in text


def test_the_readiness_report_puts_first_what_needs_repair_and_asks_once(client, pages):
    _, asked = pages
    for name in ("acme", "operator"):
        text = client.get("/partners/acme/readiness", headers=bearer(name)).text
        assert text.index("to repair") < text.index("well</span>")
        assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert asked == ["acme"]


def test_an_unknown_partner_is_not_there(client):
    for page in ("handoff", "readiness"):
        assert client.get(f"/partners/nobody/{page}", headers=bearer("operator")).status_code == 404
