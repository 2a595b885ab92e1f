"""Writes files with secrets. Only the owner of the file can read it, from the first byte on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def new_private_file(path: Path, content: bytes) -> None:
    """Create the file. Raises ``FileExistsError`` if it exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def replace_private_file(path: Path, content: bytes) -> None:
    """Write the file atomically. The new file is private even if the file that it replaces was not."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        new_private_file(partial, content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
