"""The silent session check: finds the browser's Keycloak session without showing a page.

The launch service is a separate client with the session-check flow (``prompt=none``), which never
signs a user in. See OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7, and RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import jwt
import requests

from partnergate.errors import KeycloakServerError, KeycloakUnreachableError
from partnergate.model.launch_client import checked_url, ended_url
from partnergate.service.api.token_times import check_times, times_unchecked
from partnergate.signin.handoff import realm_url
from partnergate.signin.launch import EndSession, LiveSession

if TYPE_CHECKING:
    from partnergate.model.environment import LaunchSettings, RealmSpec
    from partnergate.service.clock import Clock

_SECONDS: Final = 10.0
_OK: Final = 200
_LEEWAY_SECONDS: Final = 30


class CheckRefused(Exception):  # noqa: N818 - a decision, shown on a page
    """The code or its token does not prove a session. The user must start the launch again."""


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """The launch service's side of the protocol. Thread-safe."""

    realm: RealmSpec
    settings: LaunchSettings
    keys: jwt.PyJWKClient
    clock: Clock

    def url(self, *, alias: str, state: str, nonce: str, code_challenge: str) -> str:
        """Return the authorization URL of the silent check.

        Without a provider hint, Keycloak shows an error page when there is no live session, instead
        of returning ``login_required`` (docs/decisions/silent-session-check.md).
        """
        query = {
            "client_id": self.settings.client_id,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "kc_idp_hint": alias,
            "nonce": nonce,
            "prompt": "none",
            "redirect_uri": checked_url(self.settings),
            "response_type": "code",
            "scope": "openid",
            "state": state,
        }
        return f"{self._protocol}/auth?{urlencode(query)}"

    def redeem(self, code: str, *, code_verifier: str, nonce: str) -> LiveSession:
        """Exchange a code for the live session. Raises ``CheckRefused`` or a ``KeycloakError``."""
        form = {
            "client_id": self.settings.client_id,
            "code": code,
            "code_verifier": code_verifier,
            "grant_type": "authorization_code",
            "redirect_uri": checked_url(self.settings),
        }
        try:
            response = requests.post(
                f"{self._protocol}/token", data=form, timeout=_SECONDS, allow_redirects=False
            )
            tokens = response.json()
        except requests.RequestException as error:
            raise KeycloakUnreachableError(
                "the sign-in service does not respond", target=self._protocol
            ) from error
        if response.status_code != _OK or "id_token" not in tokens:
            raise CheckRefused(str(tokens.get("error", response.status_code)))
        return self._session(tokens["id_token"], nonce)

    def end_url(self, ending: EndSession, *, state: str) -> str:
        """Return the URL that ends the session at the host only.

        ``initiating_idp`` prevents Keycloak from also signing the user out at the other partner.
        """
        query = {
            "id_token_hint": ending.id_token,
            "initiating_idp": ending.alias,
            "post_logout_redirect_uri": ended_url(self.settings),
            "state": state,
        }
        return f"{self._protocol}/logout?{urlencode({k: v for k, v in query.items() if v})}"

    def _session(self, id_token: str, nonce: str) -> LiveSession:
        try:
            key = self.keys.get_signing_key_from_jwt(id_token)
            claims = jwt.decode(
                id_token,
                key,
                algorithms=["RS256", "ES256", "PS256", "EdDSA"],
                audience=self.settings.client_id,
                issuer=realm_url(self.realm),
                options=times_unchecked("exp", "iat", "iss", "aud", "nonce"),
            )
            check_times(claims, self.clock(), leeway_seconds=_LEEWAY_SECONDS)
        except jwt.PyJWKClientConnectionError as error:
            raise KeycloakServerError("the sign-in service's signing keys are not available") from error
        except jwt.PyJWTError as error:
            raise CheckRefused(type(error).__name__) from error
        if claims["nonce"] != nonce:
            raise CheckRefused("nonce")
        return LiveSession(
            partner=str(claims.get("partner_id", "")),
            alias=str(claims.get("identity_provider", "")),
            id_token=id_token,
        )

    @property
    def _protocol(self) -> str:
        return f"{realm_url(self.realm)}/protocol/openid-connect"


def session_check(realm: RealmSpec, settings: LaunchSettings, clock: Clock) -> SessionCheck:
    """Return the check for one environment. Signing keys are cached until an unknown key ID appears."""
    certs = f"{realm_url(realm)}/protocol/openid-connect/certs"
    return SessionCheck(realm, settings, jwt.PyJWKClient(certs, cache_keys=True, timeout=_SECONDS), clock)
