"""The launch: a session of the same partner continues silently; any other session is ended."""

import dataclasses
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest

from hostile.arena import OIDC, OTHER, SAML
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.login.pages import read_page
from partnergate.model.partner import Stage
from worlds.launching import launching

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def stage(keycloak):
    with launching(keycloak) as made:
        yield made


@pytest.fixture
def ring(stage):
    return stage.arena


def press(stage, browser, url):
    """Follow the button to the final response."""
    answer = browser.request("GET", url)
    for _ in range(30):
        if answer.status_code not in {302, 303}:
            if "SAMLRe" in answer.text:
                (form,) = read_page(answer.url, answer.status_code, answer.text).forms
                answer = browser.send(form)
                continue
            return answer
        answer = browser.request("GET", urljoin(answer.url, answer.headers["Location"]))
    raise AssertionError("the launch goes round in circles")


@pytest.mark.parametrize("alias", [OIDC, SAML])
def test_the_button_signs_in_without_a_form(stage, alias):
    stage.arena.saml() if alias == SAML else stage.arena.oidc()
    answer = press(stage, Browser(), stage.button(alias))
    assert answer.url == stage.product.url + "/"
    assert f'<dd id="partner">{alias}</dd>' in answer.text


def test_a_second_press_keeps_the_session(stage):
    stage.arena.oidc()
    browser = Browser()
    stage.notes.clear()
    first = press(stage, browser, stage.button(OIDC))
    second = press(stage, browser, stage.button(OIDC))
    assert session_of(first) == session_of(second)
    assert [outcome for _, outcome in stage.notes] == [
        "started",
        "sent_to_sign_in",
        "started",
        "kept_session",
    ]


def session_of(answer):
    return answer.text.partition('<dd id="session">')[2].partition("<")[0]


def confirm(stage, browser, question):
    """Submit the form of the confirmation page, and follow it to the final response."""
    (form,) = read_page(question.url, question.status_code, question.text).forms
    answer = browser.send(form)
    assert answer.status_code == 303, answer.text
    return press(stage, browser, urljoin(answer.url, answer.headers["Location"]))


def switch(stage, browser, partner):
    """Press the button of another partner, and confirm that the present session ends."""
    question = press(stage, browser, stage.button(partner))
    assert "End the other session and continue" in question.text
    return confirm(stage, browser, question)


def test_a_link_does_not_end_the_session_of_another_partner(stage):
    """Any site can link to a launch, or load it as an image."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    first = press(stage, browser, stage.button(OIDC))
    stage.notes.clear()
    question = press(stage, browser, stage.button(OTHER))
    assert question.url.startswith(f"{stage.url}/sign-in/checked?")
    assert stage.notes == [(OTHER, "started"), (OTHER, "confirmation_shown")]
    assert session_of(press(stage, browser, stage.button(OIDC))) == session_of(first)


def test_a_session_of_another_partner_is_replaced_after_a_confirmation(stage):
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    first = press(stage, browser, stage.button(OIDC))
    stage.notes.clear()
    second = switch(stage, browser, OTHER)
    assert f'<dd id="partner">{OTHER}</dd>' in second.text
    assert session_of(first) != session_of(second)
    assert stage.notes == [(OTHER, "started"), (OTHER, "confirmation_shown"), (OTHER, "sent_to_sign_in")]
    live = stage.arena.connection.get("client-session-stats")
    assert sum(int(c["active"]) for c in live if c["clientId"] == "host-app") == 1, live


def test_the_other_partner_is_not_signed_out_on_its_side(stage):
    """The launch ends only the session at the host."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    press(stage, browser, stage.button(OIDC))
    before = len(stage.arena.servers[OIDC].seen)
    switch(stage, browser, OTHER)
    assert [r.path for r in stage.arena.servers[OIDC].seen[before:]] == []


def test_a_walk_ends_at_the_form_of_the_confirmation(stage):
    """The demo recognizes the question by the address of its only form, and submits it."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    browser = Browser()
    press(stage, browser, stage.button(OIDC))
    with pytest.raises(LoginRefusedError) as question:
        browser.walk(stage.button(OTHER), until=f"{stage.product.url}/login")
    (form,) = question.value.page.forms
    assert form.action == f"{stage.url}/sign-in/switch"
    arrived = browser.walk(browser.send(form).headers["Location"], until=f"{stage.product.url}/login")
    assert f"kc_idp_hint={OTHER}" in arrived


def test_the_confirmation_needs_the_form_of_this_browser(stage):
    """Neither the state in a URL nor the form of another browser or site ends the session."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser, attacker = Browser(), Browser()
    first = press(stage, browser, stage.button(OIDC))
    press(stage, attacker, stage.button(OIDC))
    url = f"{stage.url}/sign-in/switch"
    (foreign,) = read_page("", 200, press(stage, attacker, stage.button(OTHER)).text).forms
    question = press(stage, browser, stage.button(OTHER))
    (form,) = read_page(question.url, 200, question.text).forms
    in_url = dict(parse_qsl(urlsplit(question.url).query))["state"]
    for state in ("", "forged", in_url, dict(foreign.fields)["state"]):
        assert browser.request("POST", url, data={"state": state}).status_code == 400
    assert question.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in question.headers["Content-Security-Policy"]
    crossed = browser.request("POST", url, data=dict(form.fields), headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    own = dict(form.fields)["state"]
    for path in ("checked", "ended"):
        assert browser.request("GET", f"{stage.url}/sign-in/{path}?state={own}").status_code == 400
    assert session_of(press(stage, browser, stage.button(OIDC))) == session_of(first)


def test_a_third_party_initiated_login_finds_the_partner_by_its_issuer(stage):
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    target = f"{stage.product.url}/workspaces/7?tab=a&b=c"
    query = urlencode({"iss": stage.arena.servers[OTHER].url, "target_link_uri": target})
    answer = press(stage, Browser(), f"{stage.url}/launch?{query}")
    assert f'<dd id="partner">{OTHER}</dd>' in answer.text
    assert "/workspaces/7?tab=a&amp;b=c" in answer.text


def test_a_third_party_initiated_login_can_be_a_form(stage):
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    answer = browser.request(
        "POST", f"{stage.url}/launch", data={"iss": stage.arena.servers[OTHER].url, "login_hint": "b"}
    )
    assert answer.status_code == 303
    answer = press(stage, browser, stage.url + answer.headers["Location"])
    assert f'<dd id="partner">{OTHER}</dd>' in answer.text


@pytest.mark.parametrize(
    ("path", "status", "message", "recorded"),
    [
        ("/launch/unknown", 404, "Unknown link", ("", "unknown_partner")),
        ("/launch", 404, "Unknown link", ("", "unknown_partner")),
        (
            f"/launch/{OIDC}?iss=https://evil.example",
            400,
            "does not belong to the partner",
            (OIDC, "unknown_issuer"),
        ),
        (
            f"/launch/{OIDC}?target_link_uri=https://evil.example/",
            400,
            "Target not allowed",
            (OIDC, "target_not_allowed"),
        ),
        (
            f"/launch/{OIDC}?target_link_uri=//evil.example/",
            400,
            "Target not allowed",
            (OIDC, "target_not_allowed"),
        ),
        ("/sign-in/checked?state=forged&code=x", 400, "Sign-in expired", ("", "invalid_state")),
        ("/sign-in/ended?state=forged", 400, "Sign-in expired", ("", "invalid_state")),
    ],
)
def test_a_refused_launch_shows_the_reason_and_does_not_redirect(stage, path, status, message, recorded):
    stage.notes.clear()
    answer = Browser().request("GET", stage.url + path)
    assert stage.notes == [recorded]
    assert (answer.status_code, "Location" in answer.headers) == (status, False)
    assert message in answer.text
    assert "evil" not in answer.text


def test_a_launch_response_is_refused_in_another_browser(stage):
    stage.arena.oidc()
    mine, other = Browser(), Browser()
    started = mine.request("GET", stage.button(OIDC))
    checked = mine.request("GET", started.headers["Location"]).headers["Location"]
    stage.notes.clear()
    assert other.request("GET", checked).status_code == 400
    assert stage.notes == [("", "invalid_state")]
    assert mine.request("GET", checked).status_code == 303


def test_the_code_of_one_launch_is_refused_with_the_state_of_another(stage):
    """Each launch has its own nonce and verifier, derived from its state."""
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    browser = Browser()
    press(stage, browser, stage.button(OIDC))

    def answer_of(partner):
        requested = browser.request("GET", stage.button(partner)).headers["Location"]
        back = urlsplit(browser.request("GET", requested).headers["Location"])
        return dict(parse_qsl(back.query))

    first, second = answer_of(OIDC), answer_of(OTHER)
    assert first["code"] != second["code"]
    stage.notes.clear()
    crossed = urlencode({"state": second["state"], "code": first["code"]})
    answer = browser.request("GET", f"{stage.url}/sign-in/checked?{crossed}")
    assert answer.status_code == 400
    assert stage.notes == [(OTHER, "invalid_state")]
    assert stage.arena.last_error()["type"] == "CODE_TO_TOKEN_ERROR"


def test_two_tabs_are_independent(stage):
    stage.arena.oidc(OIDC, claims={"sub": "a"})
    stage.arena.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    first = browser.request("GET", stage.button(OIDC)).headers["Location"]
    second = browser.request("GET", stage.button(OTHER)).headers["Location"]
    assert f'<dd id="partner">{OIDC}</dd>' in press(stage, browser, first).text
    question = press(stage, browser, second)
    assert f'<dd id="partner">{OTHER}</dd>' in confirm(stage, browser, question).text


def test_the_back_button_to_a_used_url_shows_a_restart_link(stage):
    stage.arena.oidc()
    browser = Browser()
    press(stage, browser, stage.button(OIDC))
    checked = browser.request("GET", browser.request("GET", stage.button(OIDC)).headers["Location"])
    used = checked.headers["Location"]
    browser.request("GET", used)
    stage.notes.clear()
    again = browser.request("GET", used)
    assert again.status_code == 400
    assert stage.notes == [(OIDC, "invalid_state")]
    assert f"/launch/{OIDC}" in again.text


def test_a_suspended_partner_gets_a_page_and_no_session(stage):
    stage.arena.oidc()
    spec = stage.arena.partners[OIDC]
    stage.arena.deploy(dataclasses.replace(spec, stage=Stage.SUSPENDED))
    try:
        stage.notes.clear()
        answer = Browser().request("GET", stage.button(OIDC))
        assert answer.status_code == 403
        assert "suspended" in answer.text
        assert stage.notes == [(OIDC, "suspended")]
    finally:
        stage.arena.deploy(spec)
