"""Signatures that any JOSE library verifies: JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037).

The signature of a statement is detached (RFC 7515, appendix F): the payload between the two points is
empty, and its value is the canonical JSON of the statement. The protected header has ``alg`` and ``kid``
only. A signed audit head is a complete JWS with the header ``typ``, so neither fits in place of the other.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

import jwt
from jwt.api_jws import PyJWS

from partnergate.strict_json import StrictJsonError, decode_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM: Final = "EdDSA"
_JWS: Final = PyJWS(algorithms=[ALGORITHM])


def detached_jws(content: bytes, key: Ed25519PrivateKey, key_id: str) -> str:
    """Return the detached signature of ``content``: ``HEADER..SIGNATURE``."""
    header, _, signature = _signed(content, key, {"kid": key_id, "typ": ""}).split(".")
    return f"{header}..{signature}"


def is_signed(jws: str, content: bytes, key: Ed25519PublicKey, key_id: str) -> bool:
    """Whether the detached signature is the key's over ``content``, with exactly the header that we write."""
    header, first, rest = jws.partition(".")
    empty, second, signature = rest.partition(".")
    if not (first and second) or empty or _header(header) != {"alg": ALGORITHM, "kid": key_id}:
        return False
    return _verified(f"{header}.{_base64url(content)}.{signature}", key) == content


def typed_jws(content: bytes, key: Ed25519PrivateKey, key_id: str, *, typ: str) -> str:
    """Return a complete JWS whose header names the type of its content."""
    return _signed(content, key, {"kid": key_id, "typ": typ})


def key_id_of(jws: str, *, typ: str) -> str | None:
    """Return the key ID that a complete JWS of this type names; None for anything else."""
    header = _header(jws.partition(".")[0])
    if set(header) != {"alg", "kid", "typ"} or (header["alg"], header["typ"]) != (ALGORITHM, typ):
        return None
    return header["kid"] if isinstance(header["kid"], str) else None


def typed_content(jws: str, key: Ed25519PublicKey) -> bytes | None:
    """Return the content of a complete JWS; None if the key did not sign it."""
    return _verified(jws, key)


def _signed(content: bytes, key: Ed25519PrivateKey, header: dict[str, Any]) -> str:
    return _JWS.encode(content, key, algorithm=ALGORITHM, headers=header)


def _verified(jws: str, key: Ed25519PublicKey) -> bytes | None:
    try:
        content: bytes = _JWS.decode(jws, key, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, ValueError):
        return None
    # Base64 ignores the unused bits of its last letter, and some decoders other letters.
    signature = jws.rpartition(".")[2]
    return content if _base64url(_decoded(signature) or b"") == signature else None


def _header(text: str) -> dict[str, Any]:
    try:
        value = decode_json(_decoded(text) or b"")
    except StrictJsonError:
        return {}
    return value if isinstance(value, dict) else {}


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
