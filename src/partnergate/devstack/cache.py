"""The directory of downloads, prepared servers and the state of shared servers."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterator


def cache_directory() -> Path:
    """The user's cache directory of partnergate, created if missing.

    ``PARTNERGATE_CACHE_DIR`` overrides it.
    """
    named = os.environ.get("PARTNERGATE_CACHE_DIR")
    path = Path(named) if named else Path(platformdirs.user_cache_dir("partnergate"))
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lock the file ``path`` exclusively for the block; the lock of a crashed process is released at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
