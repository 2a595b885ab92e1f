"""Real third-party identity providers as partners: from the launch link to the attributed session."""

from __future__ import annotations

import dataclasses
import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from partnergate.devstack.identity_providers import missing_requirement
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_test import LoginTester
from partnergate.events.reader import EventReader, Pace
from partnergate.keycloak.events import KeycloakEvents
from partnergate.login.browser import Browser, Credentials
from partnergate.model.environment import NetworkPolicy
from partnergate.playground.real_clock import now
from partnergate.signin.failure_reasons import Reason
from partnergate.store import EventIngest, open_store
from worlds.third_party_partners import (
    BOB,
    CANAILLE_PARTNER,
    OAUTH_TOOLKIT_PARTNER,
    OIDC_PROVIDER_PARTNER,
    SAML_PARTNER,
    SOFTWARE,
    third_party_partners,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer
    from partnergate.store import Store
    from worlds.third_party_partners import ThirdPartyPartners

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def partners(keycloak: KeycloakServer) -> Iterator[ThirdPartyPartners]:
    present = [partner for partner, software in SOFTWARE.items() if not missing_requirement(software)]
    with third_party_partners(keycloak, present) as made:
        yield made


@pytest.fixture(autouse=True)
def _only_what_this_machine_can_run(request: pytest.FixtureRequest) -> None:
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    software = SOFTWARE[parameters.get("partner", OIDC_PROVIDER_PARTNER)]
    if missing := missing_requirement(software):
        pytest.skip(missing)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def launch(partners: ThirdPartyPartners, partner: str) -> tuple[Browser, str]:
    """Press the launch link, log in at the partner and consent there; return the product's page."""
    browser = Browser(consent_origin=partners.providers[partner].url)
    product = partners.stage.product.url
    arrived = browser.walk(
        partners.stage.button(partner), until=f"{product}/callback", credentials=partners.credentials()
    )
    answer = browser.request("GET", arrived)
    return browser, browser.request("GET", urljoin(arrived, answer.headers["Location"])).text


def attributed(partners: ThirdPartyPartners, store: Store) -> dict[str, str]:
    """Read the realm's events, and return session ID -> partner."""
    ring = partners.stage.arena
    ingest = EventIngest(store=store)
    ingest.record_registry(ring.realm, tuple(ring.partners.values()), 0)
    EventReader(
        realm=ring.realm.realm,
        source=KeycloakEvents({ring.realm.realm: ring.connection}),
        keeper=ingest,
        stop=threading.Event(),
        pace=Pace(),
        wall=lambda: now().timestamp(),
    ).round()
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT session_id, partner FROM sessions")
        return {row.session_id: row.partner for row in rows}


def shown(page: str, name: str) -> str:
    found = re.search(f'<dd id="{name}">([^<]*)</dd>', page)
    assert found is not None, page
    return found.group(1)


PAGES = {
    OIDC_PROVIDER_PARTNER: ["login form", "consent"],
    CANAILLE_PARTNER: ["login form", "login form"],
    OAUTH_TOOLKIT_PARTNER: ["login form", "consent"],
    SAML_PARTNER: ["SAML post", "login form", "SAML post"],
}


@pytest.mark.parametrize("partner", SOFTWARE)
def test_a_user_of_a_third_party_provider_arrives_with_the_partner_and_is_attributed(
    partners: ThirdPartyPartners, store: Store, partner: str
):
    browser, page = launch(partners, partner)
    assert shown(page, "partner") == partner
    seen = [hop.what for hop in browser.hops if hop.what not in {"redirect", "page"}]
    if partner == CANAILLE_PARTNER and seen[-1] == "consent":
        seen.pop()  # its memory backend asks once for all users
    assert seen == PAGES[partner]
    assert attributed(partners, store)[shown(page, "session")] == partner


@pytest.mark.parametrize("partner", SOFTWARE)
def test_a_test_login_shows_every_mapped_value_as_received(partners: ThirdPartyPartners, partner: str):
    """A value that Keycloak found and the report calls missing would send the partner on a wrong search."""
    trial = login_tester(partners).run(
        partners.spec(partner),
        partners.spec(partner).providers[0],
        partners.credentials(),
        accept_consent=True,
    )
    assert trial.passed, (trial.reason, trial.details)
    print(trial.arrived)
    rows = {row.field: (row.arrived, row.result) for row in trial.mapped}
    assert rows["email"] == (True, "a***@partner.example")
    assert rows["firstName"] == (True, "A*** (3 characters)")
    assert rows["lastName"] == (True, "D*** (3 characters)")
    assert rows["partner_id"] == (True, partner)
    assert rows["role workspace-admin"] == (True, "granted")


def login_tester(partners: ThirdPartyPartners) -> LoginTester:
    ring = partners.stage.arena
    return LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        deployed_secret=lambda _: ring.client_secret,
        connection=ring.connection,
        now=now,
    )


def test_claims_that_only_the_user_info_endpoint_returns_are_reported(partners: ThirdPartyPartners):
    """It is the default of oidc-provider: without use_userinfo, the user has no email address."""
    ring, spec = partners.stage.arena, partners.spec(OIDC_PROVIDER_PARTNER)
    provider = spec.providers[0]
    without = dataclasses.replace(provider, sign_in=dataclasses.replace(provider.sign_in, use_userinfo=False))
    ring.deploy(dataclasses.replace(spec, providers=(without,)))
    try:
        trial = login_tester(partners).run(spec, without, partners.credentials(), accept_consent=True)
    finally:
        ring.deploy(spec)
    assert trial.reason is Reason.CLAIMS_ONLY_IN_USERINFO, trial.details
    assert any("email, family_name, given_name, groups" in line for line in trial.details)


@pytest.mark.parametrize("partner", [CANAILLE_PARTNER, OAUTH_TOOLKIT_PARTNER, SAML_PARTNER])
def test_a_wrong_password_is_recognized_on_the_page_of_each_provider(
    partners: ThirdPartyPartners, partner: str
):
    spec = partners.spec(partner)
    wrong = Credentials(username="ann", password="not-the-password")
    assert login_tester(partners).run(spec, spec.providers[0], wrong).reason is Reason.WRONG_PASSWORD


@pytest.mark.parametrize("partner", [OIDC_PROVIDER_PARTNER, OAUTH_TOOLKIT_PARTNER])
def test_a_consent_page_is_recognized_at_each_provider(partners: ThirdPartyPartners, partner: str):
    spec = partners.spec(partner)
    trial = login_tester(partners).run(spec, spec.providers[0], partners.credentials(BOB))
    assert trial.reason is Reason.CONSENT_REQUIRED, trial.details
