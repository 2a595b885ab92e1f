"""Files below one directory, opened without following links.

Names of such files come from files that others may propose. So a name is flat, no part of the path is a
link, and only a regular file is read: no device, no pipe, and no file of the operating system.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a named pipe waits for a writer.
_FILE: Final = _OPEN | os.O_NONBLOCK


class UnusableFileError(Exception):
    """The file cannot be used; the message describes why, without the content."""


def read_confined(directory: Path, name: str, *, limit: int) -> bytes:
    """The content of the file ``name`` in ``directory``, at most ``limit`` bytes.

    Raises ``UnusableFileError`` for any other kind of file, a link in the path, and a larger file.
    """
    with _opened(directory, name) as handle, os.fdopen(handle, "rb", closefd=False) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise UnusableFileError("is too large")
    return content


def confined_problem(directory: Path, name: str) -> str:
    """Why the file cannot be used, such as ``does not exist``; empty if it can. Reads no content."""
    try:
        with _opened(directory, name):
            return ""
    except UnusableFileError as error:
        return str(error)


@contextmanager
def _opened(directory: Path, name: str) -> Iterator[int]:
    if not _FLAT.match(name):
        raise UnusableFileError("is not a plain file name")
    with _opened_directory(directory) as parent:
        try:
            handle = os.open(name, _FILE, dir_fd=parent)
        except OSError as error:
            raise UnusableFileError(_reason(name, parent, error)) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnusableFileError("is not a regular file")
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _opened_directory(directory: Path) -> Iterator[int]:
    """Open each part of the path in turn, so that none of them is a link."""
    parts = Path(os.path.abspath(directory)).parts  # noqa: PTH100 - Path.resolve would follow links
    handle = os.open(parts[0], _OPEN | os.O_DIRECTORY)
    try:
        for part in parts[1:]:
            try:
                inner = os.open(part, _OPEN | os.O_DIRECTORY, dir_fd=handle)
            except OSError as error:
                reason = _reason(part, handle, error, kind="a directory")
                raise UnusableFileError(f"is in {directory}, where {part} {reason}") from error
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _reason(name: str, parent: int, error: OSError, *, kind: str = "a regular file") -> str:
    """Describe an error of ``open``, whose codes for links differ between systems."""
    try:
        mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
    except OSError:
        return "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
    if stat.S_ISLNK(mode):
        return "is a link"
    right = stat.S_ISDIR(mode) if kind == "a directory" else stat.S_ISREG(mode)
    return "cannot be read by this user" if right else f"is not {kind}"
