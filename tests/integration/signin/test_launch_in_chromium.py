"""The launch button in a real browser: sign-in, another live session, and the back button."""

import dataclasses

import pytest
from playwright.sync_api import expect, sync_playwright

from hostile.arena import OIDC, OTHER, SAML
from partnergate.model.partner import Stage
from worlds.launching import launching

pytestmark = [pytest.mark.integration, pytest.mark.browser]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def stage(keycloak):
    with launching(keycloak) as made:
        yield made


@pytest.fixture
def ring(stage):
    return stage.arena


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium), args=[*FLAGS, "--disable-component-update", "--disable-sync"]
        )
        yield started
        started.close()


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("alias", [OIDC, SAML])
def test_the_button_signs_the_user_in(stage, tab, alias):
    stage.arena.saml() if alias == SAML else stage.arena.oidc()
    tab.goto(stage.button(alias))
    expect(tab.locator("#partner")).to_have_text(alias)
    assert tab.url == stage.product.url + "/"


def test_a_live_session_of_another_partner_ends_after_a_confirmation(stage, tab, tmp_path):
    """Chromium applies the page's form-action policy to every redirect after the form."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    tab.goto(stage.button(OIDC))
    first = tab.locator("#session").inner_text()
    tab.goto(stage.button(OTHER))
    expect(tab.locator("h1")).to_have_text("Switch sessions?")
    tab.screenshot(path=str(tmp_path / "switch.png"))
    tab.click("#switch")
    expect(tab.locator("#partner")).to_have_text(OTHER)
    assert tab.locator("#session").inner_text() != first


def test_the_back_button_does_not_sign_in_another_user(stage, tab):
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    tab.goto(stage.url + "/launch/unknown-partner")
    tab.goto(stage.button(OIDC))
    expect(tab.locator("#partner")).to_have_text(OIDC)
    tab.go_back()
    expect(tab.locator("h1")).to_have_text("Unknown link")
    tab.go_forward()
    expect(tab.locator("#partner")).to_have_text(OIDC)


def test_with_two_tabs_the_later_partner_has_the_session(stage, tab):
    """A browser has one session; the first tab shows it after a reload."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    second = tab.context.new_page()
    tab.goto(stage.button(OIDC))
    second.goto(stage.button(OTHER))
    second.click("#switch")
    expect(second.locator("#partner")).to_have_text(OTHER)
    tab.reload()
    for page in (tab, second):
        expect(page.locator("#partner")).to_have_text(OTHER)


def test_a_suspended_partner_sees_a_message(stage, tab, tmp_path):
    spec = stage.arena.partners[OIDC]
    stage.arena.deploy(dataclasses.replace(spec, stage=Stage.SUSPENDED))
    try:
        tab.goto(stage.button(OIDC))
        expect(tab.locator("h1")).to_have_text("Access is suspended")
        tab.screenshot(path=str(tmp_path / "suspended.png"))
    finally:
        stage.arena.deploy(spec)


def test_a_suspended_partner_sees_a_message_without_a_launch_too(stage, tab):
    """The product's sign-in page redirects to the realm, which shows the message."""
    spec = stage.arena.partners[OIDC]
    stage.arena.deploy(dataclasses.replace(spec, stage=Stage.SUSPENDED))
    try:
        tab.goto(f"{stage.product.url}/login?kc_idp_hint={OIDC}")
        expect(tab.locator("body")).to_contain_text("sign-in from there is not open at the moment")
    finally:
        stage.arena.deploy(spec)


def test_a_broken_provider_shows_a_page_and_creates_no_session(stage, tab):
    stage.arena.oidc(OIDC, authorize_error="server_error")
    tab.goto(stage.button(OIDC))
    expect(tab.locator("body")).to_contain_text("Your platform did not complete the sign-in")
    tab.goto(stage.product.url + "/")
    expect(tab.locator("#signed-out")).to_be_visible()


def test_signing_out_ends_the_session_at_the_host(stage, tab):
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    tab.goto(stage.button(OIDC))
    tab.click("#sign-out")
    expect(tab.locator("#signed-out")).to_be_visible()
    live = stage.arena.connection.get("client-session-stats")
    assert [c for c in live if c["clientId"] == "host-app"] == []
