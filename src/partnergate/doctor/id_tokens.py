"""Inspects an ID token as a relying party does, to diagnose a failed login.

For diagnosis only. Keycloak decides on its own whether a login succeeds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import jwt

from partnergate.signin.observations import Arrived, Message, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric algorithms only: with a symmetric one, the public key would be enough to forge a signature."""
_ENCRYPTED_PARTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """The content of one ID token."""

    message: Message
    claims: Mapping[str, Any]


def read_id_token(
    token: str, keys: Mapping[str, Any] | None, *, nonce: str, received: datetime
) -> IdToken | None:
    """Decode a token. ``keys`` is the partner's JWKS document. Returns None when it is not a JWT."""
    if token.count(".") + 1 == _ENCRYPTED_PARTS:
        return IdToken(message=Message(signature=Signature.UNCHECKED, encrypted=True), claims={})
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return None
    audience = claims.get("aud", ())
    return IdToken(
        message=Message(
            signature=_signature(token, header, keys),
            algorithm=str(header.get("alg", "")),
            issuer=str(claims.get("iss", "")),
            audiences=tuple(str(a) for a in audience) if isinstance(audience, list) else (str(audience),),
            not_before=_instant(claims.get("nbf")),
            not_after=_instant(claims.get("exp")),
            issued=_instant(claims.get("iat")),
            received=received,
            nonce_matches=claims.get("nonce") == nonce,
        ),
        claims=claims,
    )


def claims_arrived(*documents: Mapping[str, Any]) -> tuple[Arrived, ...]:
    """Merge the claims of the ID token and the user info; earlier documents take precedence.

    Names are written as in a partner file: a claim inside another one as its path, and a dot inside a
    name after a backslash. A name that is a URL is one name.
    """
    found: dict[str, tuple[str, ...]] = {}
    for document in documents:
        for name, value in _named_claims(document, ""):
            found.setdefault(name, _values(value))
    return tuple(Arrived(name=name, values=values) for name, values in found.items())


def _named_claims(document: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        is_url = "://" in name
        full = path + (name if is_url else name.replace(".", r"\."))
        yield full, value
        if isinstance(value, dict) and not is_url:
            yield from _named_claims(value, f"{full}.")


def _values(value: Any) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case list():
            return tuple(v if isinstance(v, str) else json.dumps(v) for v in value)
        case str():
            return (value,)
        case _:
            return (json.dumps(value),)


def _signature(token: str, header: Mapping[str, Any], keys: Mapping[str, Any] | None) -> Signature:
    algorithm = str(header.get("alg", ""))
    if algorithm.lower() == "none":
        return Signature.MISSING
    if algorithm not in ALGORITHMS:
        return Signature.INVALID
    if keys is None:
        return Signature.UNCHECKED
    try:
        published = jwt.PyJWKSet.from_dict(dict(keys)).keys
    except jwt.PyJWTError:
        return Signature.UNCHECKED
    kid = header.get("kid")
    named = [k for k in published if kid is None or k.key_id == kid]
    return Signature.VALID if any(_verifies(token, key, algorithm) for key in named) else Signature.INVALID


def _verifies(token: str, key: jwt.PyJWK, algorithm: str) -> bool:
    try:
        jwt.PyJWS().decode(token, key.key, algorithms=[algorithm])
    except (jwt.PyJWTError, TypeError, ValueError):
        return False
    return True


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
