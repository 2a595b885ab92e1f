"""Writes files with secrets or billing data. Only the owner can read them, from the first byte on."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def new_private_file(path: Path, content: bytes) -> None:
    """Create the file. Raises ``FileExistsError`` if it exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def write_private_file(path: Path, content: bytes) -> None:
    """Write an output file. An existing file becomes private; a pipe or a device is written as it is."""
    with os.fdopen(open_private(path), "wb") as file:
        file.write(content)


def open_private(path: Path) -> int:
    """Return the descriptor of an empty private file for ``os.fdopen``; replaces the content of the file."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        try:
            os.fchmod(handle, 0o600)  # a mode is only looked at when a file is made
        except OSError:
            os.close(handle)
            raise
    return handle


def make_private(path: Path) -> bool:
    """Remove the access of other users from a file; false if it exists and that is not permitted."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def replace_private_file(path: Path, content: bytes) -> None:
    """Write the file atomically. The new file is private even if the file that it replaces was not."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        new_private_file(partial, content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
