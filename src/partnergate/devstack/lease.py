"""The users of a server: each has a shared file lock, which the kernel releases when the process ends.

The supervisor takes the exclusive lock when the server has no users. A server therefore never outlives
its users by more than its idle time, however they end.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Lease:
    """The lock through which a process uses a server."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def hold(self) -> None:
        """Take the shared lock; waits while the supervisor is about to stop the server."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def seize(self) -> bool:
        """Take the exclusive lock if the server has no users. Only the supervisor calls this."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Release the lock and keep the file open."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock and close the file."""
        os.close(self._file)
