"""A direct sign-in at an OAuth partner, to inspect the response that Keycloak does not expose.

Keycloak redeems the code itself and reports little about the response. The same authorization
request is repeated with a separate verifier and nonce, and the browser stops before the redirect
reaches Keycloak. The code, the keys and the user info are then fetched through ``fetching``.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from partnergate.doctor.client_authentication import client_credentials
from partnergate.doctor.deployed_secrets import NotSent
from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.doctor.id_tokens import claims_arrived, read_id_token
from partnergate.login.browser import LoginRefusedError
from partnergate.model.partner import OidcSignIn
from partnergate.strict_json import decode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from partnergate.doctor.fetching import Fetcher, FetchResponse
    from partnergate.login.browser import Credentials, Walker
    from partnergate.model.partner import Oauth2SignIn
    from partnergate.signin.observations import Arrived, Message

_OK: Final = 200
_REPLACED: Final = frozenset({"state", "nonce", "code_challenge", "code_challenge_method"})


@dataclass(slots=True, kw_only=True)
class DirectSignInResult:
    """The result of the direct sign-in; fields stay empty for steps that were not reached."""

    partner_error: str = ""
    token_error: str = ""
    tls_expired: bool = False
    message: Message | None = None
    arrived: tuple[Arrived, ...] | None = None
    only_in_userinfo: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectSignIn:
    """Signs in at one provider. ``secret`` is the client secret that the realm has, or why none is sent.

    ``mapped`` are the claims that the host uses.
    """

    sign_in: OidcSignIn | Oauth2SignIn
    redirect_uri: str
    fetcher: Fetcher
    secret: str | NotSent = field(repr=False)
    mapped: frozenset[str]
    now: Callable[[], datetime]

    def run(
        self, browser: Walker, authorization_url: str, credentials: Credentials | None
    ) -> DirectSignInResult:
        """Repeat Keycloak's authorization request, ``authorization_url``, and inspect the response."""
        found = DirectSignInResult()
        if isinstance(self.secret, NotSent):
            found.notes.append(f"the partner's response was not inspected: {self.secret.reason}")
            return found
        verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            arrived = browser.walk(
                self._request(authorization_url, verifier=verifier, nonce=nonce, state=state),
                until=self.redirect_uri,
                credentials=credentials,
            )
        except LoginRefusedError as refused:
            found.notes.append(f"the direct sign-in failed at the partner: {refused}")
            return found
        response = {name: values[0] for name, values in parse_qs(urlsplit(arrived).query).items()}
        if "error" in response:
            found.partner_error = response["error"]
        elif response.get("state") != state:
            found.notes.append("the partner did not return the state of the request")
        elif code := response.get("code"):
            self._redeem(found, code, self.secret, verifier=verifier, nonce=nonce)
        return found

    def _request(self, authorization_url: str, *, verifier: str, nonce: str, state: str) -> str:
        """Return the same request with a new state, nonce and PKCE challenge."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        split = urlsplit(authorization_url)
        kept = {k: v for k, v in parse_qsl(split.query) if k not in _REPLACED}
        new = {"state": state, "nonce": nonce}
        if self.sign_in.pkce:
            new |= {"code_challenge": digest.rstrip(b"=").decode(), "code_challenge_method": "S256"}
        return split._replace(query=urlencode(kept | new)).geturl()

    def _redeem(
        self, found: DirectSignInResult, code: str, secret: str, *, verifier: str, nonce: str
    ) -> None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        if self.sign_in.pkce:
            form["code_verifier"] = verifier
        headers, fields = client_credentials(self.sign_in, secret)
        response = self._fetched(
            found,
            "the token endpoint",
            lambda: self.fetcher.post_form(self.sign_in.token_url, form | fields, headers=headers),
        )
        tokens = _object(response)
        if response is None:
            return
        if response.status != _OK:
            error = str(tokens.get("error", ""))
            found.token_error = error or ("invalid_client" if response.status == 401 else "")  # noqa: PLR2004
            found.notes.append(f"the token endpoint returned status {response.status} {error}".rstrip())
            return
        claims: Mapping[str, Any] = {}
        if isinstance(self.sign_in, OidcSignIn):
            jwks_url = self.sign_in.jwks_url
            keys = _object(self._fetched(found, "the key set", lambda: self.fetcher.get(jwks_url)))
            token = read_id_token(
                str(tokens.get("id_token", "")), keys or None, nonce=nonce, received=self.now()
            )
            if token is None:
                found.notes.append("the token endpoint returned no valid ID token")
                return
            found.message, claims = token.message, token.claims
            if not token.message.nonce_matches:
                found.notes.append("the ID token does not contain the nonce of the request")
        access_token = str(tokens.get("access_token", ""))
        if isinstance(self.sign_in, OidcSignIn) and not self.sign_in.use_userinfo:
            found.arrived = claims_arrived(claims)
            found.only_in_userinfo = self._only_in_userinfo(found, found.arrived, access_token)
        else:
            found.arrived = claims_arrived(claims, self._user_info(found, access_token))

    def _only_in_userinfo(
        self, found: DirectSignInResult, arrived: tuple[Arrived, ...], access_token: str
    ) -> tuple[str, ...]:
        """Return the mapped claims that only the user-info endpoint returns. Calls it only if needed."""
        missing = self.mapped - {claim.name for claim in arrived if any(claim.values)}
        if not missing:
            return ()
        there = claims_arrived(self._user_info(found, access_token))
        return tuple(sorted(missing & {claim.name for claim in there if any(claim.values)}))

    def _user_info(self, found: DirectSignInResult, access_token: str) -> Mapping[str, Any]:
        url = self.sign_in.userinfo_url
        if not url or not access_token:
            return {}
        bearer = {"Authorization": f"Bearer {access_token}"}
        response = self._fetched(
            found,
            "the user-info endpoint",
            lambda: self.fetcher.get(url, accept="application/json", headers=bearer),
        )
        if response is not None and response.status != _OK:
            found.notes.append(f"the user-info endpoint returned status {response.status}")
            return {}
        return _object(response)

    def _fetched(
        self, found: DirectSignInResult, what: str, fetch: Callable[[], FetchResponse]
    ) -> FetchResponse | None:
        try:
            response = fetch()
        except FetchRefused as refused:
            found.notes.append(f"{what} is not allowed: {refused}")
            return None
        except FetchFailed as failed:
            found.tls_expired = found.tls_expired or failed.certificate_expired
            found.notes.append(f"the request to {what} failed: {failed}")
            return None
        return response


def _object(response: FetchResponse | None) -> dict[str, Any]:
    """Return the JSON object of a response; empty when it has none."""
    if response is None:
        return {}
    try:
        value = decode_json(response.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
