"""The published keys of an issuer, as a JSON Web Key Set (RFC 7517, keys of RFC 8037).

Each key has ``kid``, ``nbf`` and ``exp``: the times between which it seals. ``revoked`` has the form that
OpenID Federation gives to historical keys. A key set has public keys only; a private part is an error.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from partnergate.errors import StatementError
from partnergate.safe_text import json_text
from partnergate.statements.jws import ALGORITHM
from partnergate.statements.seal import key_id, public_key
from partnergate.strict_json import Limits, StrictJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIMITS: Final = Limits(size=2**20, depth=8)
_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""
_ADVICE: Final = "use the key set that the issuer published"


class RevocationReason(StrEnum):
    """Why a key must not be trusted any more; the words of OpenID Federation."""

    COMPROMISED = "compromised"
    """An attacker may have the private key, and can seal with any date."""
    SUPERSEDED = "superseded"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """When a key was revoked, and why."""

    at: datetime
    reason: RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key with the span in which it seals: ``[valid_from, valid_until)``, open without a bound."""

    key: Ed25519PublicKey
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked: Revocation | None = None

    @property
    def key_id(self) -> str:
        """The ID in seals."""
        return key_id(self.key)

    def problem(self, at: datetime) -> str:
        """Why a seal of this key with the time ``at`` is not trusted; empty if it is."""
        name = f"key {self.key_id}"
        if self.revoked is not None:
            return (
                f"{name} was revoked on {self.revoked.at:%Y-%m-%d} ({self.revoked.reason}): "
                "ask the issuer for a replacement"
            )
        if self.valid_from is not None and at < self.valid_from:
            return f"{name} is valid from {_text(self.valid_from)}, and the seal is from {_text(at)}"
        if self.valid_until is not None and at >= self.valid_until:
            return f"{name} was valid until {_text(self.valid_until)}, and the seal is from {_text(at)}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """All keys that an issuer published, oldest first."""

    keys: tuple[PublishedKey, ...]

    def key(self, wanted: str) -> PublishedKey | None:
        """Return the key with that ID."""
        return next((k for k in self.keys if k.key_id == wanted), None)

    @property
    def key_ids(self) -> str:
        """The IDs of all keys, for messages."""
        return ", ".join(k.key_id for k in self.keys) or "none"


def key_set_of(public: bytes) -> KeySet:
    """Return the set of one published PEM file, without bounds of validity."""
    return KeySet(keys=(PublishedKey(key=public_key(public)),))


def with_new_key(keys: KeySet, current: bytes, new: bytes, *, at: datetime) -> KeySet:
    """Return the set in which ``new`` replaces ``current`` at that time. Repeating it changes nothing."""
    old_key, new_key = public_key(current), public_key(new)
    if keys.key(key_id(new_key)) is not None:
        return keys
    old = keys.key(key_id(old_key)) or PublishedKey(key=old_key)
    others = tuple(k for k in keys.keys if k.key_id != old.key_id)
    ended = old if old.valid_until is not None else replace(old, valid_until=at)
    return KeySet(keys=(*others, ended, PublishedKey(key=new_key, valid_from=at)))


def with_revoked(keys: KeySet, revoked_id: str, revocation: Revocation) -> KeySet:
    """Return the set with one key revoked. A revoked key stays as it is. Raises for an unknown key."""
    if keys.key(revoked_id) is None:
        raise StatementError(f"the key set has no key {revoked_id}", advice=f"keys: {keys.key_ids}")
    return KeySet(
        keys=tuple(
            replace(k, revoked=revocation) if k.key_id == revoked_id and k.revoked is None else k
            for k in keys.keys
        )
    )


def key_set_json(keys: KeySet) -> bytes:
    """Return the content of a key set file."""
    return (json_text({"keys": [_jwk(key) for key in keys.keys]}) + "\n").encode()


def read_key_set(content: bytes) -> KeySet:
    """Return the keys of a key set file. Raises ``StatementError`` with the key that is wrong."""
    try:
        value = decode_json(content, _LIMITS)
    except StrictJsonError as error:
        raise StatementError(f"the key set is not valid JSON: {error}", advice=_ADVICE) from error
    listed = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not listed:
        raise StatementError("the file is not a key set: it has no keys", advice=_ADVICE)
    keys = KeySet(keys=tuple(_published(jwk, n) for n, jwk in enumerate(listed)))
    if len({k.key_id for k in keys.keys}) != len(keys.keys):
        raise StatementError("the key set has a key twice", advice=_ADVICE)
    return keys


def _jwk(key: PublishedKey) -> dict[str, Any]:
    raw = key.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    jwk: dict[str, Any] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "kid": key.key_id,
        "use": "sig",
        "alg": ALGORITHM,
    }
    if key.valid_from is not None:
        jwk["nbf"] = _seconds(key.valid_from)
    if key.valid_until is not None:
        jwk["exp"] = math.ceil(key.valid_until.timestamp())  # a seal in the last second stays valid
    if key.revoked is not None:
        jwk["revoked"] = {"revoked_at": _seconds(key.revoked.at), "reason": key.revoked.reason.value}
    return jwk


def _published(jwk: Any, number: int) -> PublishedKey:
    where = f"keys[{number}]"
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise StatementError(f"{where} is not an Ed25519 key", advice=_ADVICE)
    if "d" in jwk:
        raise StatementError(
            f"{where} contains a private key: anyone who read the file can seal statements",
            advice="revoke the key, replace it with statement keygen --replace, and publish the new set",
        )
    try:
        text = str(jwk["x"])
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw)
    except (KeyError, ValueError, binascii.Error) as error:
        raise StatementError(f"{where}.x is not an Ed25519 key", advice=_ADVICE) from error
    if jwk.get("kid") != key_id(key):
        raise StatementError(f"{where}.kid is not {key_id(key)}, the ID of the key", advice=_ADVICE)
    return PublishedKey(
        key=key,
        valid_from=_time(jwk, "nbf", where),
        valid_until=_time(jwk, "exp", where),
        revoked=_revocation(jwk.get("revoked"), f"{where}.revoked"),
    )


def _revocation(value: Any, where: str) -> Revocation | None:
    if value is None:
        return None
    at = _time(value, "revoked_at", where) if isinstance(value, dict) else None
    if at is None:
        raise StatementError(f"{where}.revoked_at is missing", advice=_ADVICE)
    reasons: Iterable[RevocationReason] = (r for r in RevocationReason if r == value.get("reason"))
    return Revocation(at=at, reason=next(iter(reasons), RevocationReason.UNSPECIFIED))


def _time(values: dict[str, Any], name: str, where: str) -> datetime | None:
    value = values.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise StatementError(f"{where}.{name} is not a time in seconds", advice=_ADVICE)
    return datetime.fromtimestamp(value, UTC)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
