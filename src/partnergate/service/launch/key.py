"""The key that signs a launch under way, the same for every process that answers one address."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from partnergate.errors import SecretError
from partnergate.keycloak.secrets import SHORTEST_KEY, key_of_file
from partnergate.signin.state import StateKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAUNCH_KEY: Final = "PARTNERGATE_LAUNCH_KEY"
KEY_FILE: Final = "launch.key"


def launch_key(environ: Mapping[str, str], *, state_directory: Path, key_file_allowed: bool) -> StateKey:
    """From the environment, else from a file of this machine where the realm is on it too."""
    given = environ.get(LAUNCH_KEY, "")
    if given:
        if len(given) < SHORTEST_KEY:
            raise SecretError(
                f"{LAUNCH_KEY} is shorter than {SHORTEST_KEY} characters",
                advice="make one with: openssl rand -hex 32",
            )
        return StateKey(value=hashlib.sha256(given.encode()).digest())
    if not key_file_allowed:
        raise SecretError(
            f"{LAUNCH_KEY} is not set",
            advice="set it to a secret that every process of this address shares; "
            "one is made with: openssl rand -hex 32",
        )
    return StateKey(value=key_of_file(state_directory / KEY_FILE, variable=LAUNCH_KEY))
