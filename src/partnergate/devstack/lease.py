"""Who still uses a server: each user holds a shared file lock, which the kernel frees when it dies.

The supervisor of a server takes the lock for itself when nobody holds it; so a server can never
outlive its users, however they end, by more than the idle time it was given.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Lease:
    """A user's hold on a server."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def hold(self) -> None:
        """Take the shared lock; waits while the supervisor is about to stop the server."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def seize(self) -> bool:
        """Take the lock alone, if nobody holds it. Only the supervisor does this."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock back and keep the file open."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock back for good."""
        os.close(self._file)
