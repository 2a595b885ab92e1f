"""Verifies access tokens with the realm's signing keys.

Keys are cached. A token with an unknown key ID causes a refresh, at most once every ten seconds. While
one request refreshes them, the others use the cached keys and do not wait.
Keys older than one hour are not used, so that a revoked key stops working.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

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
    """The token is not valid. The message is for the sender and contains no part of the token."""


class KeysUnavailableError(Exception):
    """The realm's signing keys are not available, so no token can be verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated sender of a request."""

    client_id: str
    roles: frozenset[str]
    partner: str | None
    """The ``partner_id`` claim, which only the realm can set."""
    subject: str = ""
    """Keycloak's user ID (``sub``); empty if the token has none."""
    username: str = ""
    """The ``preferred_username``; of a partner's user, it contains the identifier at the partner."""
    session: str = ""
    """Identifies the realm's session, or the token of a client without a session."""

    @property
    def actor(self) -> str:
        """Who acts, for records that both sides read.

        A partner's user is named by Keycloak's user ID, so that the identifier at the partner is not
        stored (docs/decisions/personal-data.md).
        """
        if self.partner is not None:
            return f"{self.partner} (user {self.subject or self.client_id})"
        return f"operator {self.username or self.subject or self.client_id}"


class Verifier(Protocol):
    """Verifies access tokens."""

    def verify(self, token: str) -> Principal:
        """Return the principal. Raises ``InvalidTokenError`` or ``KeysUnavailableError``."""
        ...

    def needs_keys(self, token: str) -> bool:
        """Whether ``verify`` sends a request for signing keys, or waits for one. Does not block."""
        ...


@dataclass(slots=True, kw_only=True)
class SigningKeys:
    """The realm's signing keys by ID, refreshed when they are old or when one is missing."""

    fetch: Callable[[], Mapping[str, Any]]
    """Fetches the JSON Web Key Set."""
    clock: Callable[[], float]
    """A monotonic clock, in seconds."""
    _read: tuple[float, dict[str, jwt.PyJWK]] | None = None
    """When the keys were read, and the keys by ID."""
    _tried_at: float | None = None
    _refreshing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cached(self, key_id: str) -> bool:
        """Whether ``key`` responds from the cache, without a request and without waiting for one."""
        now = self.clock()
        if self._usable(key_id, now) is not None:
            return self._fresh(now) or not self._due(now)
        return not self._refreshing and not self._due(now)

    def key(self, key_id: str) -> jwt.PyJWK:
        """Return a key by ID, fetching from the realm when necessary.

        Raises ``InvalidTokenError`` or ``KeysUnavailableError``.
        """
        now = self.clock()
        found = self._usable(key_id, now)
        if found is not None and (self._fresh(now) or not self._due(now)):
            return found
        with self._lock:
            now = self.clock()
            if self._due(now) and not (self._fresh(now) and self._usable(key_id, now)):
                self._refresh(now)
        found = self._usable(key_id, now)
        if found is not None:
            return found
        if self._read is None or now - self._read[0] >= _USABLE_SECONDS:
            raise KeysUnavailableError
        raise InvalidTokenError("the token is signed with a key that is not a key of the realm")

    def _usable(self, key_id: str, now: float) -> jwt.PyJWK | None:
        read = self._read  # replaced as a whole by another thread
        return None if read is None or now - read[0] >= _USABLE_SECONDS else read[1].get(key_id)

    def _fresh(self, now: float) -> bool:
        return self._read is not None and now - self._read[0] < _FRESH_SECONDS

    def _due(self, now: float) -> bool:
        """Whether a refresh may be tried."""
        return self._tried_at is None or now - self._tried_at >= _RETRY_SECONDS

    def _refresh(self, now: float) -> None:
        self._tried_at, self._refreshing = now, True
        try:
            found = self.fetch()
            keys = {
                k["kid"]: jwt.PyJWK(k)
                for k in found["keys"]
                if k.get("use", "sig") == "sig" and k.get("alg") in ALGORITHMS
            }
        except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError):
            return
        else:
            self._read = now, keys
        finally:
            self._refreshing = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Verifies the signature, issuer, audience, times and type of an access token."""

    issuer: str
    audience: str
    keys: SigningKeys
    clock: Clock

    def needs_keys(self, token: str) -> bool:
        """Whether the key of the token must be fetched from the realm, or is being fetched."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            return False
        return isinstance(key_id, str) and not self.keys.cached(key_id)

    def verify(self, token: str) -> Principal:
        """Return the principal. Raises ``InvalidTokenError`` or ``KeysUnavailableError``."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str):
                raise InvalidTokenError("the token is not signed with a key of the realm")
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
    own_access = client_access.get(audience) if isinstance(client_access, dict) else None
    partner = claims.get("partner_id")
    return Principal(
        client_id=str(claims.get("azp", "")),
        roles=realm_roles | _strings(own_access, "roles"),
        partner=partner if isinstance(partner, str) and partner else None,
        subject=_text(claims, "sub"),
        username=_text(claims, "preferred_username"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    return found[:150] if isinstance(found, str) else ""


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
            return "the token is missing a required claim"
        case _:
            return "the token is not valid"
