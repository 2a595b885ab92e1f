"""Which keys have secrets, by name: their values never become fields."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from partnergate.realm.ownership import MASK

_SECRET: Final = re.compile(r"secret|passw|credential|private[._-]?key|api[._-]?key|token$", re.IGNORECASE)
_HARMLESS: Final = frozenset({
    "access.token.claim",
    "attributes.client.secret.creation.time",
    "attributes.client.secret.expiration.time",
    "require.password.update.after.registration",
    "resetPasswordAllowed",
})  # fmt: skip
"""Names that match and have no secret."""
_PLAIN: Final = ("true", "false", "")
VAULT: Final = "${vault."


def shown(name: str, value: str) -> str:
    """The value of a key, or the mask when the key is named like a secret.

    A vault reference and a boolean are not secrets.
    """
    if not is_secret_name(name) or value in _PLAIN or value.startswith(VAULT):
        return value
    return MASK


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a key of a provider, mapper or client is named like a secret.

    A key that was added manually can have a secret as well, so the name decides, not a list of known keys.
    """
    return name not in _HARMLESS and _SECRET.search(name) is not None
