"""X.509 certificates of partners: their properties and validity."""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

_ARMOUR = re.compile(r"-----(?:BEGIN|END) CERTIFICATE-----")
_SPACE = re.compile(r"\s+")


class CertificateFacts(NamedTuple):
    """The properties that the rules need."""

    subject: str
    not_before: datetime
    not_after: datetime
    key_kind: str
    """``RSA``, ``EC``, or another name."""
    key_bits: int
    hash_name: str
    """Hash algorithm of the certificate signature, in lower case."""
    key_fingerprint: str
    """Fingerprint of the public key, which identifies a renewed certificate."""


def bare_base64(text: str) -> str | None:
    """Return base64 DER without armor and spaces, from PEM, base64, or a DER file; none for other input."""
    if text.startswith("0") and not text.isascii():
        return base64.b64encode(text.encode("latin-1")).decode("ascii")
    bare = _SPACE.sub("", _ARMOUR.sub("", text))
    try:
        base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        return None
    return bare or None


@lru_cache(maxsize=4096)
def certificate_facts(bare: str) -> CertificateFacts | None:
    """Return the properties of a base64 DER certificate; none if it is invalid."""
    import hashlib  # noqa: PLC0415 - with cryptography, only when a certificate is met

    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(bare, validate=True))
            key = certificate.public_key()
            spki = key.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            hashed = certificate.signature_hash_algorithm
            kind = {True: "RSA"}.get(isinstance(key, rsa.RSAPublicKey)) or (
                "EC" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__
            )
            return CertificateFacts(
                subject=certificate.subject.rfc4514_string(),
                not_before=certificate.not_valid_before_utc,
                not_after=certificate.not_valid_after_utc,
                key_kind=kind,
                key_bits=getattr(key, "key_size", 256),
                hash_name=hashed.name.lower() if hashed else "",
                key_fingerprint=hashlib.sha256(spki).hexdigest(),
            )
        except Exception:  # noqa: BLE001 - whatever the parser raises, it is not a usable certificate
            return None
