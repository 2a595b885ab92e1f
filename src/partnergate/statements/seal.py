"""The seal of a statement: an Ed25519 signature over its canonical bytes.

Keys come and go as PEM text; files are the caller's business.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from partnergate.errors import StatementError
from partnergate.statements.jws import detached_jws
from partnergate.statements.typed_json import sha256_hex

ALGORITHM = "Ed25519"
_CONTEXT = b"partnergate statement seal 1\n"
"""Signed in front of the document, so that a signature never fits another kind of message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Who sealed which bytes."""

    algorithm: str
    key_id: str
    """The first 16 hexadecimal digits of the public key's SHA-256."""
    sha256: str
    signature: str
    """Base64."""
    jws: str = ""
    """The same key's detached JWS, for other JOSE libraries; empty in seals of earlier versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A new key as PEM; the private part is never printed, logged or stored in the database."""

    private: bytes
    public: bytes
    key_id: str


def new_key_pair() -> KeyPair:
    """A fresh key from the system's own randomness."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(private=private, public=public_pem(private), key_id=key_id(key.public_key()))


def public_pem(private: bytes) -> bytes:
    """The public part of a private key, to be published."""
    return (
        private_key(private)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def key_id(key: Ed25519PublicKey) -> str:
    """A short name of a public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return sha256_hex(raw)[:16]


def sealed(content: bytes, private: bytes) -> Seal:
    """The seal over ``content``."""
    key = private_key(private)
    signature = key.sign(_CONTEXT + content)
    return Seal(
        algorithm=ALGORITHM,
        key_id=key_id(key.public_key()),
        sha256=sha256_hex(content),
        signature=base64.b64encode(signature).decode(),
        jws=detached_jws(content, key, key_id(key.public_key())),
    )


def is_sealed_by(content: bytes, seal: Seal, key: Ed25519PublicKey) -> bool:
    """Whether the holder of the public key's private part sealed exactly these bytes."""
    try:
        signature = base64.b64decode(seal.signature, validate=True)
        if base64.b64encode(signature).decode() != seal.signature:
            return False  # the last letter of base64 has unused bits
        key.verify(signature, _CONTEXT + content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return seal.algorithm == ALGORITHM and seal.sha256 == sha256_hex(content)


def public_key(pem: bytes) -> Ed25519PublicKey:
    """The key in a published file."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise StatementError(
            "the file does not contain a public key", advice="use the published PEM file"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise StatementError("the public key is not an Ed25519 key")
    return key


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key in a private file; raises ``StatementError`` for another kind of key."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise StatementError(
            "the file does not contain a private key without a passphrase",
            advice="create one with statement keygen",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StatementError("the private key is not an Ed25519 key")
    return key
