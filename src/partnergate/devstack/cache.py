"""Where downloads, prepared servers and the state of reused servers are kept."""

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
    """The user's cache directory of partnergate, made when it is not there.

    ``PARTNERGATE_CACHE_DIR`` moves it.
    """
    named = os.environ.get("PARTNERGATE_CACHE_DIR")
    path = Path(named) if named else Path(platformdirs.user_cache_dir("partnergate"))
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``; a crashed holder's lock is free at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
