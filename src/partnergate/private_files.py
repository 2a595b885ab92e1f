"""Files that hold a secret: from their first byte on only their owner can read them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def new_private_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; raises ``FileExistsError``."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def replace_private_file(path: Path, content: bytes) -> None:
    """Write a file whole, in place of one that is there, whoever could read that one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        new_private_file(partial, content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
