"""Signing keys of a realm, generated here because the server takes seconds per realm to generate them."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_PROVIDER = "org.keycloak.keys.KeyProvider"


def realm_keys(*, algorithm: str = "RS256") -> dict[str, list[dict[str, Any]]]:
    """The ``components`` of a realm to create: a new 2048-bit RSA key, and generated HMAC and AES secrets."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    common = {"priority": ["100"], "active": ["true"], "enabled": ["true"]}
    return {
        _PROVIDER: [
            {
                "name": "rsa",
                "providerId": "rsa",
                "config": common | {"privateKey": [pem], "algorithm": [algorithm]},
            },
            {"name": "hmac", "providerId": "hmac-generated", "config": common | {"algorithm": ["HS512"]}},
            {"name": "aes", "providerId": "aes-generated", "config": common},
        ]
    }
