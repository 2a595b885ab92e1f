"""Reads the files of a workspace as bytes. No other module of this package accesses the disk."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from partnergate.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTNERS = PurePosixPath("partners")
TEMPLATES = PurePosixPath("realm_templates")
READ_LIMIT = 1024 * 1024
"""Bytes that are read of a larger file: enough to report that it is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The files of the two workspace directories: name to bytes."""

    partners: Mapping[str, bytes]
    templates: Mapping[str, bytes]
    links: tuple[PurePosixPath, ...] = ()
    """Links and special files, which are never read: each is an error."""
    unprintable: tuple[PurePosixPath, ...] = ()
    """Files whose names have unprintable characters, with escapes; never read: each is an error."""


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    """Return the names in a directory, sorted; none if it does not exist or is a link."""
    if directory.is_symlink():
        return []
    try:
        with os.scandir(directory) as found:
            return sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read(root: Path, *places: PurePosixPath) -> Folder:
    """Return every regular file of these directories by name, sorted. Others are listed, but not read."""
    contents: dict[PurePosixPath, Mapping[str, bytes]] = {}
    links: list[PurePosixPath] = []
    unprintable: list[PurePosixPath] = []
    for place in places:
        contents[place] = _regular_files(root, place, links, unprintable)
    return Folder(
        partners=contents.get(PARTNERS, MappingProxyType({})),
        templates=contents.get(TEMPLATES, MappingProxyType({})),
        links=tuple(links),
        unprintable=tuple(unprintable),
    )


def _regular_files(
    root: Path, place: PurePosixPath, links: list[PurePosixPath], unprintable: list[PurePosixPath]
) -> Mapping[str, bytes]:
    found = {}
    if (root / place).is_symlink():
        links.append(place)
    for entry in _entries(root / place):
        if not entry.name.isprintable():
            # Messages name files, and a line break in one would start a command of a CI system.
            unprintable.append(place / plain(entry.name))
            continue
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode):
            # Optimized for a thousand files: no path object, no buffer, and no memory beyond the content.
            with open(entry.path, "rb", buffering=0, opener=_without_links) as file:
                found[entry.name] = file.read(min(status.st_size, READ_LIMIT))
        elif not stat.S_ISDIR(status.st_mode):
            links.append(place / entry.name)
    return MappingProxyType(found)


def _without_links(path: str, flags: int) -> int:
    """Open a file that may have been replaced by a link since it was listed."""
    return os.open(path, flags | os.O_NOFOLLOW)


def read_folder(root: Path) -> Folder:
    """Return all files of ``partners/`` and ``realm_templates/``. A missing directory counts as empty."""
    return _read(root, PARTNERS, TEMPLATES)


def folder_stamp(root: Path) -> tuple[tuple[str, ...], ...]:
    """Return a fingerprint of these files without reading them; sorted."""
    return tuple(
        (str(place / entry.name), *(str(n) for n in (seen.st_ino, seen.st_size, seen.st_mtime_ns)))
        for place in (PARTNERS, TEMPLATES)
        for entry in _entries(root / place)
        if stat.S_ISREG((seen := entry.stat(follow_symlinks=False)).st_mode)
    )


def read_templates(root: Path) -> Folder:
    """Return only the files of ``realm_templates/``, for callers that need the realm before the partners."""
    return _read(root, TEMPLATES)
