"""The keys with which seals are verified: a published key set, or one public key file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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
