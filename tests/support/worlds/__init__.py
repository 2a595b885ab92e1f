"""Larger arrangements that several suites stand on: filled stores, processes of our own, realms with users."""

from __future__ import annotations

import os
from pathlib import Path

SUPPORT = Path(__file__).parents[1]


def environment_with_support() -> dict[str, str]:
    """The environment of a child process that imports test support as pytest does."""
    return {**os.environ, "PYTHONPATH": str(SUPPORT)}
