"""Forged, replayed and mixed-up OpenID Connect and OAuth 2.0 answers are refused and recorded."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from hostile.arena import OAUTH2, OIDC, OTHER
from hostile.oidc import OidcKeys, Signing
from partnergate.login.browser import Browser

pytestmark = pytest.mark.integration
FAILED = ("IDENTITY_PROVIDER_LOGIN_ERROR", "identity_provider_login_failure")


def test_a_valid_response_is_accepted(ring, enter):
    """The control for every attack below."""
    ring.oidc(claims={"sub": "u-1", "email": "u@oscorp.example"})
    login = enter(OIDC)
    assert (login.partner_id, login.claims["preferred_username"]) == (OIDC, f"{OIDC}.u-1")


@pytest.mark.parametrize("signing", [s for s in Signing if s is not Signing.RIGHT])
def test_a_forged_signature_is_refused(ring, refused, signing):
    ring.oidc(signing=signing)
    _, event = refused(OIDC)
    assert event["error"] == "identity_provider_login_failure"


@pytest.mark.parametrize(
    "bent",
    [
        {"claims": {"sub": "u-1", "iss": "https://another.issuer.example"}},
        {"claims": {"sub": "u-1", "aud": "another-client"}},
        {"claims": {"sub": "u-1", "exp": 1_000_000_000}},
        {"clock": -3600.0},
        {"without": frozenset({"sub"})},
    ],
    ids=["issuer", "audience", "expired", "clock", "no-subject"],
)
def test_a_token_for_another_audience_or_time_is_refused(ring, refused, bent):
    ring.oidc(**bent)
    _, event = refused(OIDC)
    assert (event["type"], event["error"]) == FAILED


@pytest.mark.parametrize("nonce", ["of-another-login", ""])
def test_a_nonce_of_another_login_is_refused(ring, refused, nonce):
    """Keycloak shows the cause but writes no event; docs/attacks.md documents this."""
    ring.oidc(nonce=nonce)
    page, event = refused(OIDC)
    assert "invalid nonce" in page
    assert event == {}


def test_the_issuer_of_another_partner_is_refused_by_the_realm(ring, refused):
    """Partner B signs a token with partner A's issuer and its own key."""
    ring.oidc(claims={"sub": "u-1", "iss": ring.servers[OTHER].url})
    _, event = refused(OIDC)
    assert (event["type"], event["error"]) == FAILED


def test_a_key_outside_the_jwks_of_the_partner_is_refused(ring, refused):
    other = ring.oidc(OTHER)
    script = ring.oidc()
    script.keys = OidcKeys(published=script.keys.published, unknown=other.keys.published)
    script.signing = Signing.UNKNOWN_KEY
    _, event = refused(OIDC)
    assert (event["type"], event["error"]) == FAILED


def test_a_code_of_another_partner_is_refused(ring, refused):
    """Mix-up (RFC 9700 section 4.4): a code of another partner is injected here."""
    foreign = ring.oidc(OTHER)
    foreign.codes["foreign"] = {"scope": "openid"}
    ring.oidc(code="foreign")
    _, event = refused(OIDC)
    assert event["error"] == "identity_provider_login_failure"


@pytest.mark.parametrize("state", ["", "invented", "a.b.c"])
def test_an_unknown_state_is_refused(ring, refused, state):
    ring.oidc(state=state)
    _, event = refused(OIDC)
    assert event["type"] == "IDENTITY_PROVIDER_LOGIN_ERROR"
    assert event["error"] in {"invalidRequestMessage", "identity_provider_login_failure"}


def test_a_response_is_refused_at_the_endpoint_of_another_partner(ring, refused):
    """The state contains the provider of the request."""
    ring.oidc()

    def divert(url):
        return url.replace(f"/broker/{OIDC}/endpoint", f"/broker/{OTHER}/endpoint")

    ring.oidc(OTHER)
    _, event = refused(OIDC, Browser(on_redirect=divert))
    assert (event["type"], event["error"]) == FAILED


def test_a_state_swapped_between_two_browsers_is_refused(ring, refused):
    """Login CSRF: the attacker's state and code, opened by the victim's browser."""
    ring.oidc(claims={"sub": "attacker"})
    caught = []

    def catch(url):
        if f"/broker/{OIDC}/endpoint" in url:
            caught.append(url)
            return url + "&error=stopped"
        return url

    refused(OIDC, Browser(on_redirect=catch))
    victim = Browser()
    answer = victim.request("GET", caught[0])
    assert answer.status_code >= 400
    assert ring.last_error()["error"] == "cookie_not_found"
    assert ring.users() == []


def test_a_code_requires_the_verifier_of_its_request(ring, enter):
    """PKCE S256 is enabled for every OAuth partner, so a stolen code is useless."""
    ring.oidc(claims={"sub": "u-1"})
    enter(OIDC)
    ring.oidc(OAUTH2, claims={"id": "u-1"})
    enter(OAUTH2)
    for alias in (OIDC, OAUTH2):
        requested = [r.form for r in ring.servers[alias].seen if r.path == "/authorize"]
        assert {f.get("code_challenge_method") for f in requested} == {"S256"}
        assert len({f["code_challenge"] for f in requested}) == len(requested)


def test_user_info_without_the_identifier_is_refused(ring, refused):
    ring.oidc(OAUTH2, claims={"email": "u@oauthcorp.example"})
    refused(OAUTH2)


def test_a_user_info_with_an_empty_identifier_is_refused(ring, refused):
    ring.oidc(OAUTH2, claims={"id": "", "email": "u@oauthcorp.example"})
    refused(OAUTH2)


def test_a_denied_login_shows_a_message_and_creates_no_user(ring, refused):
    ring.oidc(authorize_error="access_denied")
    refused(OIDC)


def test_a_header_injected_into_a_response_does_not_reach_the_browser(ring, refused):
    """Line breaks in a partner's response are data, never a header."""
    ring.oidc(authorize_error="x\r\nSet-Cookie: planted=1")
    browser = Browser()
    refused(OIDC, browser)
    assert "planted" not in str(browser.cookies.header(ring.app.issuer))


def test_redirects_to_other_urls_are_refused_for_the_host_client(ring):
    """The host client has exact redirect URIs; similar URLs are refused."""
    for address in ("http://localhost:9/callback/x", "http://localhost:9/callbackx", "https://evil.example"):
        query = {"client_id": "host-app", "response_type": "code", "scope": "openid", "redirect_uri": address}
        answer = Browser().request("GET", f"{ring.app.endpoint('auth')}?{urlencode(query)}")
        assert answer.status_code == 400
        assert "evil" not in answer.headers.get("Location", "")
        assert (ring.last_error()["type"], ring.last_error()["error"]) == (
            "LOGIN_ERROR",
            "invalid_redirect_uri",
        )


def test_the_redirect_uri_is_the_endpoint_of_the_partner(ring, enter):
    ring.oidc(claims={"sub": "u-1"})
    enter(OIDC)
    requested = next(r.form for r in ring.servers[OIDC].seen if r.path == "/authorize")
    assert requested["redirect_uri"] == f"{ring.app.issuer}/broker/{OIDC}/endpoint"
    assert dict(parse_qsl(urlsplit(requested["redirect_uri"]).query)) == {}
