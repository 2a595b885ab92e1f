"""The hand-off and readiness pages on phone and desktop screens, and the links between them."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.language.load import load_workspace
from partnergate.playground.real_clock import now
from partnergate.service.access import Authorizer
from partnergate.service.app import create_app
from partnergate.service.compose import service_deps
from partnergate.service.metrics import ServiceMetrics
from partnergate.service.portal.checks import PartnerChecks
from partnergate.service.portal.handoff import HandoffPages, handoff_routes
from partnergate.store import open_store
from worlds.served_app import served_app

pytestmark = [pytest.mark.integration, pytest.mark.browser]
ROOT = Path(__file__).parents[3]
FAULT = CheckResult(
    check="oauth.redirect_uri",
    subject="acme",
    verdict=Verdict.FAIL,
    detail="the authorization endpoint rejects the request with status 400",
    advice="register https://id.staging.host.example/realms/host-staging/broker/acme/endpoint",
)


@pytest.fixture
def ring():
    """These pages do not need a realm."""

    class SignedOut:
        def forget_users(self):
            pass

    return SignedOut()


@pytest.fixture
def pause():
    """The seconds that a check takes."""
    return [0.0]


@pytest.fixture
def url(tmp_path, pause):
    def examine(_partner):
        time.sleep(pause[0])
        return (FAULT,)

    workspace, _ = load_workspace(ROOT, "staging", variables={})
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        pages = HandoffPages(
            workspace=lambda: workspace,
            store=store,
            checks=PartnerChecks(examine=examine, clock=now),
            clock=now,
        )
        deps = service_deps(
            workspace,
            store,
            authorizer=Authorizer(verifier=None),
            clock=now,
            metrics=ServiceMetrics(),
            routers=(handoff_routes(pages),),
        )
        with served_app(create_app(deps)) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("width", [400, 1280])
def test_the_pages_fit_the_screen_and_link_to_each_other(url, chromium, width):
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(f"{url}/partners/acme/handoff")
        expect(page.locator("#launch")).to_have_text("https://go.staging.host.example/launch/acme")
        expect(page.locator(".steps li")).to_have_count(6)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("link", name="Check URLs and certificates now").click()
        expect(page.locator("#verdict")).to_contain_text("fix the failed checks")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("link", name="test login").click()
        expect(page.locator("h1")).to_contain_text("Acme Automations")
        browser.close()


def test_the_page_of_a_running_check_loads_again_until_the_results_are_known(url, chromium, pause):
    pause[0] = 5.0  # longer than the page waits for the first results
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{url}/partners/acme/readiness")
        expect(page.locator("#running")).to_contain_text("The first check is running")
        expect(page.locator("#verdict")).to_have_count(0)
        expect(page.locator("#verdict")).to_contain_text("fix the failed checks", timeout=20_000)
        browser.close()
