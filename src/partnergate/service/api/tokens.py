"""The realm's own access tokens: who sends a request, proved by the realm's signing keys.

Keys are cached; a token signed by an unknown key makes the keys be read again, at most once in ten
seconds. Keys older than an hour are not used, so that a withdrawn key stops working.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt

from partnergate.service.api.token_times import check_times, times_unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnergate.service.clock import Clock

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")
_LEEWAY_SECONDS = 10
_FRESH_SECONDS = 600.0
_USABLE_SECONDS = 3600.0
_RETRY_SECONDS = 10.0


class InvalidTokenError(Exception):
    """The token proves nothing. The text is for the sender and holds no part of the token."""


class KeysUnavailableError(Exception):
    """The realm's keys cannot be read, so no token can be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a valid token speaks for."""

    client_id: str
    roles: frozenset[str]
    partner: str | None
    """The ``partner_id`` claim, set by the realm alone."""


@dataclass(slots=True, kw_only=True)
class SigningKeys:
    """The realm's keys by id, read again when they age or when one is missing."""

    fetch: Callable[[], Mapping[str, Any]]
    """Reads the JSON Web Key Set."""
    clock: Callable[[], float]
    """Seconds, monotonic."""
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _read_at: float | None = None
    _tried_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, key_id: str) -> jwt.PyJWK:
        """The key of that id, asking the realm when it must."""
        with self._lock:
            now = self.clock()
            fresh = self._read_at is not None and now - self._read_at < _FRESH_SECONDS
            if not (fresh and key_id in self._keys):
                self._refresh(now)
            if self._read_at is None or now - self._read_at >= _USABLE_SECONDS:
                raise KeysUnavailableError
            if key_id not in self._keys:
                raise InvalidTokenError("the token is signed by a key that the realm does not have")
            return self._keys[key_id]

    def _refresh(self, now: float) -> None:
        if self._tried_at is not None and now - self._tried_at < _RETRY_SECONDS:
            return
        self._tried_at = now
        try:
            found = self.fetch()
            keys = {
                k["kid"]: jwt.PyJWK(k)
                for k in found["keys"]
                if k.get("use", "sig") == "sig" and k.get("alg") in ALGORITHMS
            }
        except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError):
            return
        self._keys, self._read_at = keys, now


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Checks signature, issuer, audience, times and kind of an access token."""

    issuer: str
    audience: str
    keys: SigningKeys
    clock: Clock

    def verify(self, token: str) -> Principal:
        """The principal of a valid token; raises ``InvalidTokenError`` or ``KeysUnavailableError``."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
                raise InvalidTokenError("the token is not signed by a key of the realm")
            claims = jwt.decode(
                token,
                self.keys.key(header["kid"]),
                algorithms=list(ALGORITHMS),
                audience=self.audience,
                issuer=self.issuer,
                options=times_unchecked("exp", "iat", "iss", "aud"),
            )
            check_times(claims, self.clock(), leeway_seconds=_LEEWAY_SECONDS)
        except jwt.PyJWTError as error:
            raise InvalidTokenError(_reason(error)) from error
        if claims.get("typ") != "Bearer":
            raise InvalidTokenError("the token is not an access token")
        return _principal(claims, self.audience)


def _principal(claims: Mapping[str, Any], audience: str) -> Principal:
    realm_roles = _strings(claims.get("realm_access"), "roles")
    client_access = claims.get("resource_access")
    own = client_access.get(audience) if isinstance(client_access, dict) else None
    partner = claims.get("partner_id")
    return Principal(
        client_id=str(claims.get("azp", "")),
        roles=realm_roles | _strings(own, "roles"),
        partner=partner if isinstance(partner, str) and partner else None,
    )


def _strings(holder: object, name: str) -> frozenset[str]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return frozenset(v for v in found if isinstance(v, str)) if isinstance(found, list) else frozenset()


def _reason(error: jwt.PyJWTError) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "the token has expired"
        case jwt.InvalidAudienceError():
            return "the token is for another audience"
        case jwt.InvalidIssuerError():
            return "the token is from another issuer"
        case jwt.MissingRequiredClaimError():
            return "the token lacks a claim"
        case _:
            return "the token is not valid"
