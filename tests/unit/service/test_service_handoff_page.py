"""The hand-off and readiness pages: their content, and access per partner."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens
from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.language.load import load_workspace
from partnergate.service.access import Authorizer, Need, declared_routes
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.routes import launch_routes
from partnergate.service.launch.session_check import session_check
from partnergate.service.launch.steps import LaunchService
from partnergate.service.portal.checks import PartnerChecks
from partnergate.service.portal.handoff import HandoffPages, handoff_routes, handoff_view, readiness_view
from partnergate.signin.failure_reasons import EXPLANATIONS, Reason
from partnergate.signin.launch_state import StateKey
from partnergate.signin.login_test import Mapped, MaskedClaim
from partnergate.store import open_store
from partnergate.store.sessions.staging_tests import StagingTest, record_staging_test

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def workspace():
    loaded, _ = load_workspace(ROOT, "staging", variables={})
    return loaded


@pytest.fixture
def pages(tmp_path, workspace):
    checked = []

    def examine(partner):
        checked.append(partner.partner)
        return (
            CheckResult(check="oidc.keys", subject="acme", verdict=Verdict.OK, detail="1 signing key"),
            CheckResult(
                check="oauth.client",
                subject="acme",
                verdict=Verdict.FAIL,
                detail="<b>no</b>",
                advice="compare",
            ),
        )

    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        made = HandoffPages(
            workspace=lambda: workspace,
            store=store,
            checks=PartnerChecks(examine=examine, clock=lambda: NOW),
            clock=lambda: NOW,
        )
        yield made, checked


@pytest.fixture
def client(pages, workspace):
    made, _ = pages
    usage = prepared(made.store, terms=every_meter())
    launch = LaunchService(
        record=lambda *_: None,
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
        authorizer=Authorizer(verifier=NamedTokens()),
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


def test_every_partner_route_is_closed_to_another_partner(client):
    """Checks every registered route, including the sign-in routes."""
    routes = [r for r in declared_routes(client.app) if r.needs[0] is not Need.PUBLIC]
    paths = {r.path for r in routes}
    assert {"/partners/{partner}/handoff", "/partners/{partner}/readiness"} <= paths
    for route in routes:
        path = route.path.replace("{partner}", "acme")
        for method in route.methods:
            assert client.request(method, path).status_code == 401, route
            assert client.request(method, path, headers=bearer("globex")).status_code in {403, 404}, route


def test_public_routes_disclose_no_partner_data(client):
    """A launch link must not disclose data of the partner."""
    public = [r for r in declared_routes(client.app) if r.needs[0] is Need.PUBLIC]
    for route in public:
        answer = client.get(route.path.replace("{partner}", "acme"))
        for secret in ("sso@acme.example", "ap@acme.example", "Acme Automations", "499.00"):
            assert secret not in answer.text, route


def test_a_partner_sees_its_hand_off_sheet_with_the_steps(client):
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert "https://go.staging.host.example/launch/acme" in text
    assert "https://id.staging.host.example/realms/host-staging/broker/acme/endpoint" in text
    assert text.count('<li class="') == 6
    assert "No test login has been run" in text
    assert "globex" not in text.lower()


def test_a_passed_test_completes_the_step_and_a_failed_test_shows_the_reason(client, pages):
    made, _ = pages
    record(made)
    acme = made.partner("acme")
    steps = {s.title: s for s in handoff_view(made, acme, today=date(2026, 11, 24)).steps}
    assert steps["Staging test passed"].explanation == "passed on 2026-11-20"
    record(made, reason="clock_skew", at=datetime(2026, 11, 21, tzinfo=UTC))
    text = client.get("/partners/acme/handoff", headers=bearer("operator")).text
    assert EXPLANATIONS[Reason.CLOCK_SKEW].text in text
    assert steps["Staging test passed"].state == "done"


def test_the_sheet_shows_received_claims_and_mapping_results(client, pages):
    """The partner can find missing claims without the host's help."""
    made, _ = pages
    arrived = (MaskedClaim(name="<b>x</b>", value="1*** (3 characters)"), MaskedClaim(name="sub", value=""))
    mapped = (Mapped(field="username", claim="sub", arrived=None, result=""),)
    record(made, reason="missing_claim", arrived=arrived, mapped=mapped)
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert "Required claims that were not received: <code>sub</code>" in text
    rows = text[text.index('id="arrived"') :]
    assert "&lt;b&gt;x&lt;/b&gt;</code></th><td>1*** (3 characters)</td>" in rows
    assert '<th scope="row">username</th><td><code>sub</code></td><td>unknown</td><td>(empty)' in text


@pytest.mark.parametrize(
    ("arrived", "message"),
    [(None, "The received claims could not be inspected"), ((), "No claims were received")],
)
def test_the_sheet_reports_when_no_claims_can_be_shown(client, pages, arrived, message):
    made, _ = pages
    record(made, reason="unknown", arrived=arrived, details=("the page says <no>",))
    text = client.get("/partners/acme/handoff", headers=bearer("acme")).text
    assert message in text
    assert "<li>the page says &lt;no&gt;</li>" in text


def test_the_readiness_report_lists_failures_first_and_is_cached(client, pages):
    _, checked = pages
    for name in ("acme", "operator"):
        text = client.get("/partners/acme/readiness", headers=bearer(name)).text
        assert text.index("failed</span>") < text.index("passed</span>")
        assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert checked == ["acme"]


def test_an_unknown_partner_is_not_found(client):
    for page in ("handoff", "readiness"):
        assert client.get(f"/partners/unknown/{page}", headers=bearer("operator")).status_code == 404


def test_a_long_or_hidden_text_of_a_partners_server_does_not_flood_the_page(workspace):
    """A discovery document can have a megabyte, and any character."""
    finding = CheckResult(check="oidc.issuer", subject="acme", verdict=Verdict.FAIL, detail="x" * 1_000_000)
    view = readiness_view(workspace.partners[0], "staging", (finding,), when=NOW)
    assert len(view.findings[0].detail) < 1100
    assert view.findings[0].detail.endswith("[...]")
