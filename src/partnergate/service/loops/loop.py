"""The form of a background loop of the service, and the signal that ends it."""

from __future__ import annotations

import threading
from typing import Protocol

Stopping = threading.Event
"""Set when the process receives a signal to stop."""


class Loop(Protocol):
    """Work that repeats in a thread of its own while the service runs."""

    def __call__(self, stopping: Stopping) -> None:
        """Work until ``stopping`` is set, then return promptly."""
