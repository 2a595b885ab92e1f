"""Secrets: resolved when they are sent, and fingerprinted so that a change is detected.

A value exists only in the variable that is about to be sent. This module prints, logs and stores none.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.confined_files import UnusableFileError, confined_problem, read_confined
from partnergate.errors import SecretError, StalePlanError
from partnergate.model.partner import SecretSource
from partnergate.private_files import new_private_file
from partnergate.realm.desired.provider import secret_destination
from partnergate.realm.ownership import UNCHECKED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partnergate.model.partner import SecretRef
    from partnergate.realm.state import Resource

FINGERPRINT_KEY = "PARTNERGATE_FINGERPRINT_KEY"
SECRETS_DIRECTORY = "PARTNERGATE_SECRETS_DIR"
"""The variable with the only directory from which secret files are read."""
KEY_FILE = "fingerprint.key"
SHORTEST_KEY = 16
_LARGEST_SECRET = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretResolver:
    """Resolves a reference from the environment or the secrets directory, or to a vault entry."""

    environ: Mapping[str, str] = field(repr=False)
    directory: Path | None = None
    """The only directory with secret files; without one, no file is read."""

    def __call__(self, ref: SecretRef) -> str:
        """The value to send. A vault reference is passed through, because only the server resolves it."""
        match ref.source:
            case SecretSource.VAULT:
                return f"${{vault.{ref.name}}}"
            case SecretSource.ENV:
                value = self.environ.get(ref.name, "")
                where, advice = f"the environment variable {ref.name}", f"set {ref.name}"
            case SecretSource.FILE:
                value = self._from_file(ref.name)
                where, advice = f"the file {ref.name}", "write only the secret to it"
        if not value:
            raise SecretError(f"{where} has no secret", advice=advice)
        if value.strip("*") == "" or value.startswith("${vault."):
            raise SecretError(
                f"{where} has a placeholder instead of the secret",
                advice="Keycloak would store a mask or a vault reference as the secret; "
                "write {vault: KEY} in the partner file for a vault entry",
            )
        return value

    def is_available(self, ref: SecretRef) -> bool:
        """Whether the source exists; it may still have no valid secret."""
        match ref.source:
            case SecretSource.VAULT:
                return True
            case SecretSource.ENV:
                return bool(self.environ.get(ref.name))
            case SecretSource.FILE:
                return self.directory is not None and not confined_problem(self.directory, ref.name)

    def _from_file(self, name: str) -> str:
        if self.directory is None:
            raise SecretError(
                f"the file {name} cannot be read: no secrets directory is configured",
                advice=f"pass --secrets-dir or set {SECRETS_DIRECTORY}",
            )
        try:
            data = read_confined(self.directory, name, limit=_LARGEST_SECRET)
            return data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnusableFileError as error:
            raise SecretError(
                f"the file {name} {error}",
                target=str(self.directory),
                advice="create it as a regular file, readable by this user alone",
            ) from error
        except UnicodeDecodeError:
            raise SecretError(f"the file {name} is not text", advice="write the secret as UTF-8") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedFingerprints:
    """HMAC-SHA256 over (place, value): shows only whether a secret or its destination has changed."""

    key: bytes = field(repr=False)
    resolve: SecretResolver

    def __call__(self, ref: SecretRef, place: str) -> str:
        return self.of_value(self.resolve(ref), place)

    def of_value(self, secret: str, place: str) -> str:
        """The fingerprint of a value that is already resolved."""
        value = secret.encode()
        message = len(place.encode()).to_bytes(4, "big") + place.encode() + value
        return "v1:" + hmac.new(self.key, message, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintsOfAvailable:
    """For a plan without all secrets: a value that is not available stays unverified."""

    fingerprints: KeyedFingerprints

    def __call__(self, ref: SecretRef, place: str) -> str:
        if not self.fingerprints.resolve.is_available(ref):
            return UNCHECKED
        return self.fingerprints(ref, place)


def fingerprint_key(environ: Mapping[str, str], *, state_directory: Path, key_file_allowed: bool) -> bytes:
    """The key of the fingerprints, from the environment or, if allowed, from a file of this machine.

    A shared realm needs a shared key, because with another key every secret looks changed. So only a
    realm on this machine may use a key file.
    """
    if given := environ.get(FINGERPRINT_KEY, ""):
        if len(given) < SHORTEST_KEY:
            raise SecretError(
                f"{FINGERPRINT_KEY} is shorter than {SHORTEST_KEY} characters",
                advice="create one with: openssl rand -hex 32",
            )
        return hashlib.sha256(given.encode()).digest()
    if not key_file_allowed:
        raise SecretError(
            f"{FINGERPRINT_KEY} is not set",
            advice="set it to the key that this realm is applied with, the same for everyone; "
            "create the first one with: openssl rand -hex 32",
        )
    return key_of_file(state_directory / KEY_FILE, variable=FINGERPRINT_KEY)


def key_of_file(path: Path, *, variable: str) -> bytes:
    """A key that is created once on this machine; ``variable`` is the alternative to the file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_hex(32).encode()
        try:
            new_private_file(path, key)
        except FileExistsError:
            key = path.read_bytes()
    except OSError as error:
        raise SecretError(
            f"the key file {path.name} cannot be used",
            target=str(path),
            advice=f"set {variable}, or make the directory writable",
        ) from error
    if len(key) < SHORTEST_KEY:
        raise SecretError(f"the key file {path.name} is empty", target=str(path), advice="remove the file")
    return hashlib.sha256(key).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretCheck:
    """Checks that a secret has the value and the destination of the plan before it is sent."""

    fingerprints: KeyedFingerprints
    server_url: str
    realm: str

    def __call__(self, resource: Resource) -> None:
        """Raise ``StalePlanError`` when the secret differs from the one that the plan was created with."""
        for secret in resource.secrets:
            if secret.ref is None:
                continue
            place = secret_destination(self.server_url, self.realm, resource.key.name, resource.fields)
            if self.fingerprints(secret.ref, place) != secret.fingerprint:
                raise StalePlanError(
                    f"stale plan: the secret of {resource.key.name} has changed since the plan was created",
                    advice="plan again; use the same fingerprint key for plan and apply",
                )
