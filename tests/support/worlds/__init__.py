"""Larger arrangements that several suites share: filled stores, processes, realms with users.

- ``reconciling``: plan and apply against a fake or real realm
- ``brokered_realm``, ``launching``: realms in which users log in
- ``main_jobs``: runs of the main job
- ``statement_store``, ``statement_world``, ``planted_world``: stores with a partner's month
- ``event_filling``: events in Keycloak's database
- ``service_process``, ``senders``: the sidecar in another process, and clients of it
- ``reading_process``: readers to kill
"""

from __future__ import annotations

import os
from pathlib import Path

SUPPORT = Path(__file__).parents[1]


def environment_with_support() -> dict[str, str]:
    """The environment of a child process that imports test support as pytest does."""
    return {**os.environ, "PYTHONPATH": str(SUPPORT)}
