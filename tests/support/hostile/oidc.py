"""An OpenID Connect or OAuth 2.0 partner whose responses a test can modify."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from hostile.server import Reply
from partnergate.playground.real_clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hostile.server import Request


class Signing(StrEnum):
    """How the ID token is signed."""

    RIGHT = "right"
    UNKNOWN_KEY = "unknown_key"
    """With a key that is not in the JWKS, under the key ID of one that is."""
    NONE = "none"
    """``alg: none``, no signature."""
    HS256_PUBLIC_KEY = "hs256_public_key"
    """Symmetric, with the public key's text as secret."""
    CUT = "cut"
    """The last letters of the signature are changed."""


@dataclass(frozen=True, slots=True)
class OidcKeys:
    """The partner's signing key, and one that it never published."""

    kid: str = "published"
    published: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    unknown: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))


@dataclass(slots=True, kw_only=True)
class OidcScript:
    """The behavior of the partner; the defaults are correct."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    keys: OidcKeys = field(default_factory=OidcKeys)
    announced: tuple[OidcKeys, ...] | None = None
    """The keys of the JWKS; the signing one by default."""
    claims: Mapping[str, Any] = field(default_factory=lambda: {"sub": "u-1"})
    """Claims about the user. They override the claims of the protocol."""
    without: frozenset[str] = frozenset()
    """Claims missing from the ID token and the user info."""
    only_in_userinfo: frozenset[str] = frozenset()
    """Claims missing from the ID token."""
    signing: Signing = Signing.RIGHT
    authorize_error: str = ""
    """Sent back instead of a code (``access_denied``)."""
    state: str | None = None
    """Sent back instead of the received state."""
    code: str | None = None
    """Sent back instead of a new code."""
    nonce: str | None = None
    clock: float = 0.0
    """How far the partner's clock is ahead, in seconds."""
    redirect_uris: frozenset[str] | None = None
    """The registered ones; None accepts all."""
    published: Mapping[str, Any] = field(default_factory=dict)
    """Fields that override the discovery document."""
    open_userinfo: bool = False
    """Returns the user info without a token."""
    signed_access_token: bool = False
    """Sends the access token as a signed token with the claims, as Keycloak does."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def reply(self, request: Request) -> Reply:
        match request.path:
            case "/authorize":
                return self._authorize(request.form)
            case "/token":
                return self._token(request)
            case "/jwks":
                return _json({"keys": [_jwk(keys) for keys in self.announced or (self.keys,)]})
            case "/userinfo":
                if not self.open_userinfo and "authorization" not in request.headers:
                    return _json({"error": "invalid_token"}, status=401)
                return _json(self._about_user())
            case "/logout":
                back = request.form.get("post_logout_redirect_uri")
                query = urlencode({"state": request.form.get("state", "")})
                return Reply(status=302, location=f"{back}?{query}") if back else Reply()
            case "/.well-known/openid-configuration":
                return _json(self._discovery())
            case _:
                return Reply(status=404)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        } | dict(self.published)

    def _authorize(self, form: Mapping[str, str]) -> Reply:
        if self.redirect_uris is not None and form.get("redirect_uri") not in self.redirect_uris:
            return Reply(status=400, content_type="text/plain", body=b"redirect_uri is not registered")
        answer = {"state": self.state if self.state is not None else form.get("state", "")}
        if self.authorize_error:
            answer["error"] = self.authorize_error
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = dict(form)
            answer["code"] = self.code or code
        return Reply(status=302, location=f"{form['redirect_uri']}?{urlencode(answer)}")

    def _token(self, request: Request) -> Reply:
        given = self.codes.pop(request.form.get("code", ""), None)
        if _client_of(request) != (self.client_id, self.client_secret):
            return _json({"error": "invalid_client"}, status=401)
        if given is None:
            return _json({"error": "invalid_grant"}, status=400)
        if not _pkce_fits(given, request.form.get("code_verifier", "")):
            return _json({"error": "invalid_grant", "error_description": "PKCE"}, status=400)
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 60}
        if "openid" in given.get("scope", "").split():
            answer["id_token"] = self._id_token(given)
            if self.signed_access_token:
                answer["access_token"] = self._id_token(given)
        return _json(answer)

    def _about_user(self) -> dict[str, Any]:
        return {name: value for name, value in self.claims.items() if name not in self.without}

    def _id_token(self, given: Mapping[str, str]) -> str:
        issued = now().timestamp() + self.clock
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": int(issued),
            "exp": int(issued) + 300,
            "nonce": self.nonce if self.nonce is not None else given.get("nonce", ""),
        }
        claims |= dict(self.claims)
        missing = self.without | self.only_in_userinfo
        return self._signed({name: value for name, value in claims.items() if name not in missing})

    def logout_token(self, **bent: Any) -> str:
        """A back-channel logout token (Back-Channel Logout 1.0, 2.4); ``None`` omits a claim."""
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": int(now().timestamp()),
            "exp": int(now().timestamp()) + 120,
            "jti": secrets.token_urlsafe(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | bent
        return self._signed({name: value for name, value in claims.items() if value is not None})

    def _signed(self, claims: dict[str, Any]) -> str:
        headers = {"kid": self.keys.kid}
        match self.signing:
            case Signing.RIGHT:
                return jwt.encode(claims, self.keys.published, algorithm="RS256", headers=headers)
            case Signing.UNKNOWN_KEY:
                return jwt.encode(claims, self.keys.unknown, algorithm="RS256", headers=headers)
            case Signing.CUT:
                token = jwt.encode(claims, self.keys.published, algorithm="RS256", headers=headers)
                return token[:-8] + ("AAAAAAAA" if not token.endswith("AAAAAAAA") else "BBBBBBBB")
            case Signing.NONE:
                return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."
            case Signing.HS256_PUBLIC_KEY:
                return self._hs256(claims)

    def _hs256(self, claims: dict[str, Any]) -> str:
        public = self.keys.published.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        signed = f"{_part({'alg': 'HS256', 'kid': self.keys.kid, 'typ': 'JWT'})}.{_part(claims)}"
        mac = hmac.digest(public, signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _jwk(keys: OidcKeys) -> dict[str, Any]:
    jwk: dict[str, Any] = RSAAlgorithm.to_jwk(keys.published.public_key(), as_dict=True)
    return jwk | {"kid": keys.kid, "use": "sig", "alg": "RS256"}


def _client_of(request: Request) -> tuple[str, str]:
    """The client that authenticates, by header or by form."""
    header = request.headers.get("authorization", "")
    if header.startswith("Basic "):
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        return name, secret
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _pkce_fits(given: Mapping[str, str], verifier: str) -> bool:
    challenge = given.get("code_challenge")
    if challenge is None:
        return True
    if given.get("code_challenge_method", "plain") == "plain":
        return verifier == challenge
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return digest.rstrip(b"=").decode() == challenge


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _json(value: Mapping[str, Any], *, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(value).encode())
