"""A login at the host over plain HTTP: from the authorization URL to verified tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests

from partnergate.login.browser import Browser, Credentials, Hop, LoginRefusedError, Walker
from partnergate.login.pages import read_page

_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HostApplication:
    """The host's product as a client of the realm."""

    base_url: str
    realm: str
    client_id: str
    redirect_uri: str
    client_secret: str | None = field(default=None, repr=False)

    @property
    def issuer(self) -> str:
        """The realm's issuer."""
        return f"{self.base_url}/realms/{self.realm}"

    def endpoint(self, name: str) -> str:
        """One of ``auth``, ``token``, ``certs``, ``logout``, ``userinfo``."""
        return f"{self.issuer}/protocol/openid-connect/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """An authorization request: the URL to open, and the values that the response must match."""

    url: str
    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A finished login."""

    claims: dict[str, Any]
    """Claims of the access token, after its signature and issuer were verified."""
    id_claims: dict[str, Any]
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    hops: tuple[Hop, ...] = ()

    @property
    def session_id(self) -> str:
        """ID of the Keycloak user session."""
        return str(self.claims["sid"])

    @property
    def user_id(self) -> str:
        """ID of the Keycloak user; empty if the realm adds ``sub`` to no token."""
        return str(self.claims.get("sub") or self.id_claims.get("sub") or "")

    @property
    def partner_id(self) -> str | None:
        """The claim ``partner_id``, which the host's realm sets."""
        value = self.claims.get("partner_id")
        return None if value is None else str(value)


def authorization_request(
    application: HostApplication, *, alias: str | None, **parameters: str
) -> AuthorizationRequest:
    """Create the authorization URL with state, nonce, PKCE S256 and ``alias`` as the provider hint."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    state, nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    query = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if alias is not None:
        query["kc_idp_hint"] = alias
    url = f"{application.endpoint('auth')}?{urlencode(query | parameters)}"
    return AuthorizationRequest(url=url, state=state, nonce=nonce, verifier=verifier)


def log_in(
    application: HostApplication,
    *,
    alias: str | None,
    credentials: Credentials | None,
    browser: Walker | None = None,
    **parameters: str,
) -> Login:
    """Log in through the partner's provider. Raises ``LoginRefusedError`` with the page that refused it.

    Pass the same ``browser`` again to act as a user with a live session.
    """
    used: Walker = browser or Browser()
    start = len(used.hops)
    request = authorization_request(application, alias=alias, **parameters)
    try:
        arrived = used.walk(request.url, until=application.redirect_uri, credentials=credentials)
        answer = {name: values[0] for name, values in parse_qs(urlsplit(arrived).query).items()}
        hops = tuple(used.hops[start:])
        if "error" in answer:
            why = f"{answer['error']}: {answer.get('error_description', 'no description')}"
            raise LoginRefusedError(why, page=None, hops=hops)
        if answer.get("state") != request.state:
            raise LoginRefusedError("the state differs from the one that was sent", page=None, hops=hops)
        return redeem(application, request, code=answer["code"], hops=hops)
    finally:
        if browser is None:
            used.close()


def redeem(
    application: HostApplication, request: AuthorizationRequest, *, code: str, hops: tuple[Hop, ...] = ()
) -> Login:
    """Exchange the code and verify the tokens, as the host's product does."""
    tokens = _token_call(
        application,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": application.redirect_uri,
            "code_verifier": request.verifier,
        },
        hops,
    )
    login = _checked(application, tokens, hops)
    if login.id_claims.get("nonce") != request.nonce:
        raise LoginRefusedError("the nonce differs from the one that was sent", page=None, hops=hops)
    return login


def refresh(application: HostApplication, login: Login) -> Login:
    """Use the refresh token. Raises ``LoginRefusedError`` when the session has ended."""
    body = {"grant_type": "refresh_token", "refresh_token": login.refresh_token or ""}
    return _checked(application, _token_call(application, body, ()), ())


def log_out(application: HostApplication, login: Login, browser: Browser, *, return_to: str) -> str:
    """Log out with the ID token (RP-initiated logout). Returns the URL that the browser is redirected to."""
    query = urlencode({"id_token_hint": login.id_token, "post_logout_redirect_uri": return_to})
    return browser.walk(f"{application.endpoint('logout')}?{query}", until=return_to)


def _token_call(application: HostApplication, body: dict[str, str], hops: tuple[Hop, ...]) -> dict[str, Any]:
    fields = body | {"client_id": application.client_id}
    if application.client_secret is not None:
        fields["client_secret"] = application.client_secret
    answer = requests.post(application.endpoint("token"), data=fields, timeout=_SECONDS)
    if not answer.ok:
        page = read_page(answer.url, answer.status_code, answer.text)
        raise LoginRefusedError(
            f"the token endpoint returned an error: {answer.text[:300]}", page=page, hops=hops
        )
    tokens: dict[str, Any] = answer.json()
    return tokens


def _checked(application: HostApplication, tokens: dict[str, Any], hops: tuple[Hop, ...]) -> Login:
    keys = jwt.PyJWKSet.from_dict(requests.get(application.endpoint("certs"), timeout=_SECONDS).json())

    def claims_of(token: str, audience: str | None) -> dict[str, Any]:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256", "PS256", "ES256"],
            issuer=application.issuer,
            audience=audience,
            options={"verify_aud": audience is not None},
            leeway=5,
        )
        return claims

    return Login(
        claims=claims_of(tokens["access_token"], None),
        id_claims=claims_of(tokens["id_token"], application.client_id),
        access_token=tokens["access_token"],
        id_token=tokens["id_token"],
        refresh_token=tokens.get("refresh_token"),
        hops=hops,
    )
