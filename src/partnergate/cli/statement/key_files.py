"""The key files of statements: the private key that seals, and the published keys that verify."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.statements.key_set import KeySet


def keys_of(file: Path) -> KeySet:
    """Return the keys of a JSON key set or a PEM file. Raises ``StatementError`` for neither."""
    from partnergate.errors import StatementError
    from partnergate.statements.key_set import key_set_of, read_key_set
    from partnergate.strict_json import read_limited

    content = read_limited(file)
    try:
        return key_set_of(content) if content.lstrip().startswith(b"-----BEGIN") else read_key_set(content)
    except StatementError as error:
        error.target = str(file)
        raise


def key_set_file(file: Path) -> Path:
    """The published key set beside a private key."""
    return file.with_name(f"{file.name}.jwks.json")


def sealing_key(path: str | Path, at: datetime) -> bytes:
    """The bytes of a private key that its published key set allows to seal at that time.

    Raises ``SecretError`` for a key that is revoked, replaced or missing in the set beside it: its seals
    could not be verified. Without a set beside the key, nothing is compared.
    """
    from partnergate.errors import SecretError
    from partnergate.statements.key_set import read_key_set
    from partnergate.statements.seal import key_id, public_key, public_pem

    private, published = read_key(path), key_set_file(Path(path))
    if not published.exists():
        return private
    wanted = key_id(public_key(public_pem(private)))
    found = read_key_set(published.read_bytes()).key(wanted)
    problem = found.problem(at) if found else f"key {wanted} is not in the key set beside it"
    if problem:
        raise SecretError(
            f"the private key must not seal: {problem}",
            target=str(published),
            advice="replace the key with statement keygen --replace, and publish the new set",
        )
    return private


def read_key(path: str | Path) -> bytes:
    """The bytes of the private key; raises ``SecretError`` when other users can read the file."""
    from partnergate.errors import SecretError

    mode = stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116
    if mode & 0o077:
        raise SecretError(
            "other users can read the private key",
            target=str(path),
            advice=f"run chmod 600 {path}, or create a new key with statement keygen",
        )
    with open(path, "rb") as opened:  # noqa: PTH123
        return opened.read()
