"""A second, own sign-in at an OAuth partner, to see what Keycloak saw and does not tell.

Keycloak redeems the code itself and says little about what comes back. So the same request is made
once more with a verifier and a nonce of our own, the answer is taken before it reaches Keycloak, and
the token endpoint, the keys and the user info are asked through ``fetching``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from partnergate.doctor.client_authentication import client_credentials
from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.doctor.id_tokens import claims_arrived, read_id_token
from partnergate.login.browser import LoginRefusedError
from partnergate.model.partner import OidcSignIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.doctor.fetching import Answer, Fetcher
    from partnergate.login.browser import Credentials, Walker
    from partnergate.model.partner import Oauth2SignIn
    from partnergate.signin.observations import Arrived, Message

_OK: Final = 200
_OWN: Final = frozenset({"state", "nonce", "code_challenge", "code_challenge_method"})


@dataclass(slots=True, kw_only=True)
class Look:
    """What the second sign-in showed; filled as far as it came."""

    partner_error: str = ""
    token_error: str = ""
    tls_expired: bool = False
    message: Message | None = None
    arrived: tuple[Arrived, ...] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """Everything that the look needs. The secret is the one that Keycloak has, where it is at hand."""

    sign_in: OidcSignIn | Oauth2SignIn
    redirect_uri: str
    fetcher: Fetcher
    secret: str | None = field(repr=False)

    def look(self, browser: Walker, asked: str, credentials: Credentials | None) -> Look:
        """Sign in as ``asked`` did (Keycloak's own authorization request) and look at the answer."""
        found = Look()
        if self.sign_in.client_authentication == "private_key_jwt" or self.secret is None:
            found.notes.append(
                "what the partner answered was not looked at: only the realm can open the client's secret"
            )
            return found
        verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            arrived = browser.walk(
                self._request(asked, verifier=verifier, nonce=nonce, state=state),
                until=self.redirect_uri,
                credentials=credentials,
            )
        except LoginRefusedError as refused:
            found.notes.append(f"the second sign-in ended at the partner: {refused}")
            return found
        answer = {name: values[0] for name, values in parse_qs(urlsplit(arrived).query).items()}
        if "error" in answer:
            found.partner_error = answer["error"]
        elif answer.get("state") != state:
            found.notes.append("the partner did not return the state that was sent")
        elif code := answer.get("code"):
            self._redeem(found, code, verifier=verifier, nonce=nonce)
        return found

    def _request(self, asked: str, *, verifier: str, nonce: str, state: str) -> str:
        """The same request with secrets of our own."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        split = urlsplit(asked)
        kept = {k: v for k, v in parse_qsl(split.query) if k not in _OWN}
        own = {"state": state, "nonce": nonce}
        if self.sign_in.pkce:
            own |= {"code_challenge": digest.rstrip(b"=").decode(), "code_challenge_method": "S256"}
        return split._replace(query=urlencode(kept | own)).geturl()

    def _redeem(self, found: Look, code: str, *, verifier: str, nonce: str) -> None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        if self.sign_in.pkce:
            form["code_verifier"] = verifier
        headers, fields = client_credentials(self.sign_in, self.secret or "")
        answer = self._asked(
            found,
            "the token endpoint",
            lambda: self.fetcher.post_form(self.sign_in.token_url, form | fields, headers=headers),
        )
        tokens = _object(answer)
        if answer is None:
            return
        if answer.status != _OK:
            said = str(tokens.get("error", ""))
            found.token_error = said or ("invalid_client" if answer.status == 401 else "")  # noqa: PLR2004
            found.notes.append(f"the token endpoint answers {answer.status} {said}".rstrip())
            return
        claims: Mapping[str, Any] = {}
        if isinstance(self.sign_in, OidcSignIn):
            jwks_url = self.sign_in.jwks_url
            keys = _object(self._asked(found, "the key set", lambda: self.fetcher.get(jwks_url)))
            token = read_id_token(str(tokens.get("id_token", "")), keys or None, nonce=nonce)
            if token is None:
                found.notes.append("the token endpoint gives no ID token that can be read")
                return
            found.message, claims = token.message, token.claims
            if not token.message.nonce_fits:
                found.notes.append("the ID token does not carry the nonce of the request")
        found.arrived = claims_arrived(claims, self._about_user(found, str(tokens.get("access_token", ""))))

    def _about_user(self, found: Look, access_token: str) -> Mapping[str, Any]:
        url = self.sign_in.userinfo_url
        if (
            not url
            or not access_token
            or (isinstance(self.sign_in, OidcSignIn) and not self.sign_in.use_userinfo)
        ):
            return {}
        bearer = {"Authorization": f"Bearer {access_token}"}
        answer = self._asked(
            found,
            "the user-info endpoint",
            lambda: self.fetcher.get(url, accept="application/json", headers=bearer),
        )
        if answer is not None and answer.status != _OK:
            found.notes.append(f"the user-info endpoint answers {answer.status}")
            return {}
        return _object(answer)

    def _asked(self, found: Look, what: str, ask: Any) -> Answer | None:
        try:
            answer: Answer = ask()
        except FetchRefused as refused:
            found.notes.append(f"{what} may not be asked: {refused}")
            return None
        except FetchFailed as failed:
            found.tls_expired = found.tls_expired or failed.certificate_ended
            found.notes.append(f"{what} does not answer: {failed}")
            return None
        return answer


def _object(answer: Answer | None) -> dict[str, Any]:
    """The JSON object of an answer, empty where there is none."""
    if answer is None:
        return {}
    try:
        value = json.loads(answer.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
