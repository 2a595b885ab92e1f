"""Single logout in both directions; forged logout messages have no effect."""

import dataclasses

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hostile.arena import CLIENT_ID, OIDC, OTHER, SAML, arena
from hostile.oidc import Signing
from hostile.saml import saml_key
from partnergate.keycloak.sessions import end_sessions
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.login.http_login import log_out, refresh
from partnergate.signin.handoff import endpoint_url, handoff

pytestmark = pytest.mark.integration
PRODUCT = "http://localhost:9"


@pytest.fixture(scope="module")
def ring(keycloak):
    """With logout URLs and with back-channel logout."""
    with arena(keycloak, product_url=PRODUCT) as made:
        oidc, other, saml = (made.partners[name] for name in (OIDC, OTHER, SAML))
        made.deploy(
            changed(other, logout_url=f"{made.servers[OTHER].url}/logout"),
            changed(oidc, logout_url=f"{made.servers[OIDC].url}/logout", backchannel_logout=True),
            changed(saml, slo_url=f"{made.servers[SAML].url}/slo"),
        )
        yield made


def changed(spec, **sign_in):
    (provider,) = spec.providers
    provider = dataclasses.replace(provider, sign_in=dataclasses.replace(provider.sign_in, **sign_in))
    return dataclasses.replace(spec, providers=(provider,))


@pytest.fixture(autouse=True)
def _no_user_is_signed_in(ring):
    end_sessions(ring.connection, aliases={OIDC, OTHER, SAML}, client_ids={CLIENT_ID})


def is_live(ring, login):
    try:
        refresh(ring.app, login)
    except LoginRefusedError:
        return False
    return True


def endpoint(ring, alias):
    return endpoint_url(ring.realm, alias)


@pytest.mark.parametrize("alias", [OIDC, OTHER])
def test_signing_out_at_the_host_reaches_the_oidc_partner(ring, enter, alias):
    """With back-channel logout when the partner supports it, otherwise through the browser."""
    ring.oidc(alias, claims={"sub": "u-1", "sid": "s-1"})
    browser = Browser()
    login = enter(alias, browser)
    before = len(ring.servers[alias].seen)
    back = log_out(ring.app, login, browser, return_to=f"{PRODUCT}/signed-out")
    assert back.startswith(f"{PRODUCT}/signed-out")
    (asked,) = [r.form for r in ring.servers[alias].seen[before:] if r.path == "/logout"]
    assert jwt.decode(asked["id_token_hint"], options={"verify_signature": False})["sid"] == "s-1"
    if alias == OTHER:
        assert asked["post_logout_redirect_uri"] == f"{endpoint(ring, OTHER)}/logout_response"
    assert not is_live(ring, login)


def test_signing_out_at_the_host_reaches_the_saml_partner(ring, enter):
    script = ring.saml(slo_return=endpoint(ring, SAML))
    browser = Browser()
    login = enter(SAML, browser)
    assert log_out(ring.app, login, browser, return_to=f"{PRODUCT}/signed-out").startswith(
        f"{PRODUCT}/signed-out"
    )
    assert script.logouts == ["u-1"]
    assert not is_live(ring, login)


def backchannel_url(ring):
    (provider,) = handoff(ring.realm, ring.partners[OIDC]).providers
    (setting,) = [s for s in provider.settings if s.label == "Back-channel logout URI"]
    return setting.value


def test_signing_out_at_the_oidc_partner_ends_the_session_at_the_host(ring, enter):
    script = ring.oidc(claims={"sub": "u-1", "sid": "s-2"})
    login = enter(OIDC)
    answer = Browser().request(
        "POST", backchannel_url(ring), data={"logout_token": script.logout_token(sid="s-2")}
    )
    assert answer.status_code == 200, answer.text
    assert not is_live(ring, login)


@pytest.mark.parametrize(
    ("playing", "bent"),
    [
        *(({"signing": s}, {}) for s in Signing if s is not Signing.RIGHT),
        ({}, {"iss": "https://another.example"}),
        ({}, {"aud": "another-client"}),
        ({}, {"events": None}),
        ({}, {"exp": 1_000_000_000, "iat": 999_999_000}),
        ({}, {"sid": "of-another-user"}),
    ],
)
def test_a_forged_logout_token_ends_no_session(ring, enter, playing, bent):
    script = ring.oidc(claims={"sub": "u-1", "sid": "s-3"})
    login = enter(OIDC)
    for name, value in playing.items():
        setattr(script, name, value)
    token = script.logout_token(**({"sid": "s-3"} | bent))
    answer, recorded = _sent(ring, backchannel_url(ring), logout_token=token)
    if "sid" in bent:  # believed, and about a session that the partner does not have here
        assert (answer.status_code, recorded) == (200, None)
    else:
        assert (answer.status_code, recorded) == (400, ("LOGOUT_ERROR", "invalid_token"))
    assert is_live(ring, login)


def _sent(ring, address, **form):
    """Return the response, and the type and error of the recorded event."""
    before = ring.last_error().get("id")
    answer = Browser().request("POST", address, data=form)
    newest = ring.last_error()
    return answer, (newest["type"], newest["error"]) if newest.get("id") != before else None


def test_a_partner_ends_no_session_of_another_partner(ring, enter):
    """The token has the other partner's key and issuer, and this partner's session."""
    ring.oidc(claims={"sub": "u-1", "sid": "s-4"})
    login = enter(OIDC)
    other = ring.oidc(OTHER)
    own = other.logout_token(sid="s-4", sub="u-1")
    _sent(ring, backchannel_url(ring), logout_token=own)
    forged = other.logout_token(iss=ring.servers[OIDC].url, sid="s-4", sub="u-1")
    _, recorded = _sent(ring, backchannel_url(ring), logout_token=forged)
    assert recorded == ("LOGOUT_ERROR", "invalid_token")
    assert is_live(ring, login)  # once, because a refresh token works once


def test_signing_out_at_the_saml_partner_ends_the_session_at_the_host(ring, enter):
    script = ring.saml()
    login = enter(SAML)
    value = script.logout_request(to=endpoint(ring, SAML))
    answer = Browser().request("POST", endpoint(ring, SAML), data={"SAMLRequest": value})
    assert answer.status_code in {200, 302}, answer.text[:300]
    assert not is_live(ring, login)


@pytest.mark.parametrize("forged", ["unsigned", "unknown key", "another address", "another session"])
def test_a_forged_logout_request_ends_no_session(ring, enter, forged):
    script = ring.saml()
    login = enter(SAML)
    to = endpoint(ring, SAML)
    if forged == "unknown key":
        script.key = saml_key()
    if forged == "another session":
        script.session_index = "_another"
    value = script.logout_request(
        to=to if forged != "another address" else "https://another.example/acs",
        signed=forged != "unsigned",
        name_id="another-user" if forged == "another session" else "",
    )
    answer, recorded = _sent(ring, to, SAMLRequest=value)
    assert (answer.status_code, recorded) == {
        "unsigned": (400, ("IDENTITY_PROVIDER_RESPONSE_ERROR", "invalid_signature")),
        "unknown key": (400, ("IDENTITY_PROVIDER_RESPONSE_ERROR", "invalid_signature")),
        "another address": (400, ("IDENTITY_PROVIDER_RESPONSE_ERROR", "invalid_saml_response")),
        "another session": (200, None),
    }[forged]
    assert is_live(ring, login)


def test_a_cross_site_link_does_not_sign_out(ring, enter):
    """CSRF on logout: without the ID token, the host asks for confirmation."""
    ring.oidc(claims={"sub": "u-1"})
    browser = Browser()
    login = enter(OIDC, browser)
    answer = browser.request("GET", ring.app.endpoint("logout"))
    assert answer.status_code == 200
    assert "Do you want to log out" in answer.text
    assert is_live(ring, login)


def test_signing_out_does_not_redirect_to_other_urls(ring, enter):
    ring.oidc(claims={"sub": "u-1"})
    browser = Browser()
    login = enter(OIDC, browser)
    query = {"id_token_hint": login.id_token, "post_logout_redirect_uri": "https://evil.example/"}
    answer = browser.request("GET", ring.app.endpoint("logout"), params=query)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert (ring.last_error()["type"], ring.last_error()["error"]) == ("LOGOUT_ERROR", "invalid_redirect_uri")


def _by_another_key(claims):
    return jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers={"kid": "x"})


FORGED_HINTS = {
    "none": lambda claims: jwt.encode(claims, None, algorithm="none"),
    "another key": _by_another_key,
    "our public name": lambda claims: jwt.encode(claims, "k" * 32, algorithm="HS256"),
    "another session": lambda claims: _by_another_key(claims | {"sid": "another-user"}),
}


@pytest.mark.parametrize("forged", FORGED_HINTS)
def test_a_forged_id_token_hint_ends_no_session(ring, enter, forged):
    """An accepted hint would sign the user out without confirmation."""
    ring.oidc(claims={"sub": "u-1"})
    browser = Browser()
    login = enter(OIDC, browser)
    claims = jwt.decode(login.id_token, options={"verify_signature": False})
    answer = browser.request(
        "GET", ring.app.endpoint("logout"), params={"id_token_hint": FORGED_HINTS[forged](claims)}
    )
    assert answer.status_code == 400
    assert is_live(ring, login)
    assert (ring.last_error()["type"], ring.last_error()["error"]) == ("LOGOUT_ERROR", "invalid_token")
