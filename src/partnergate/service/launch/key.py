"""The key that signs launch state. All processes behind the same URL must share it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from partnergate.errors import SecretError
from partnergate.keycloak.secrets import SHORTEST_KEY, key_of_file
from partnergate.signin.launch_state import StateKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAUNCH_KEY: Final = "PARTNERGATE_LAUNCH_KEY"
KEY_FILE: Final = "launch.key"


def launch_key(environ: Mapping[str, str], *, state_directory: Path, key_file_allowed: bool) -> StateKey:
    """Return the key from the environment, or from a local key file when ``key_file_allowed``.

    Raises ``SecretError`` when the key is missing or too short.
    """
    given = environ.get(LAUNCH_KEY, "")
    if given:
        if len(given) < SHORTEST_KEY:
            raise SecretError(
                f"{LAUNCH_KEY} is shorter than {SHORTEST_KEY} characters",
                advice="generate one with: openssl rand -hex 32",
            )
        return StateKey(value=hashlib.sha256(given.encode()).digest())
    if not key_file_allowed:
        raise SecretError(
            f"{LAUNCH_KEY} is not set",
            advice="set it to a secret that all processes behind this URL share; "
            "generate one with: openssl rand -hex 32",
        )
    return StateKey(value=key_of_file(state_directory / KEY_FILE, variable=LAUNCH_KEY))
