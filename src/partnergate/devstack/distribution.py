"""The Keycloak distribution: which one, its checksum, and how it comes into the cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from partnergate.devstack.cache import cache_directory, exclusive
from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from partnergate.devstack.notice import Notice

KEYCLOAK_VERSION = "26.7.3"
COORDINATES = f"org.keycloak:keycloak-quarkus-dist:zip:{KEYCLOAK_VERSION}"
ARCHIVE_NAME = f"keycloak-quarkus-dist-{KEYCLOAK_VERSION}.zip"
ARCHIVE_SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
_CHUNK = 1 << 20
_TRIES = 3


def sha256_of(path: Path) -> str:
    """The file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive(notice: Notice) -> Path:
    """The verified archive in the cache: found there, taken from a local Maven repository, or downloaded."""
    path = cache_directory() / "downloads" / ARCHIVE_NAME
    with exclusive(path.with_suffix(".lock")):
        if path.exists():
            if sha256_of(path) == ARCHIVE_SHA256:
                return path
            notice.say(f"{path} does not have the pinned checksum, fetching it again")
            path.unlink()
        local = _in_local_repository()
        if local is not None:
            notice.say(f"taking {ARCHIVE_NAME} from the local Maven repository")
            return local
        _download(path, notice)
    return path


def _in_local_repository() -> Path | None:
    path = Path.home() / ".m2/repository/org/keycloak/keycloak-quarkus-dist" / KEYCLOAK_VERSION / ARCHIVE_NAME
    return path if path.exists() and sha256_of(path) == ARCHIVE_SHA256 else None


def _address() -> str:
    """Where Maven keeps the archive; ``PARTNERGATE_MAVEN_REPOSITORY`` names a mirror."""
    from maven_artifact.artifact import Artifact  # noqa: PLC0415 - an optional dependency
    from maven_artifact.downloader import Downloader  # noqa: PLC0415

    mirror = os.environ.get("PARTNERGATE_MAVEN_REPOSITORY")
    downloader = Downloader(base=mirror) if mirror else Downloader()
    return str(downloader.resolver.uri_for_artifact(Artifact.parse(COORDINATES)))


def _download(path: Path, notice: Notice) -> None:
    """Fetch into a partial file that a broken run continues; it gets its name when the checksum holds."""
    try:
        address = _address()
    except ImportError as error:
        raise DevstackError(
            "Keycloak is not in the cache and cannot be fetched",
            target=COORDINATES,
            advice="install partnergate[devstack], or set KEYCLOAK_HOME to an unpacked Keycloak 26.7",
        ) from error
    part = path.with_suffix(".part")
    notice.say(f"fetching {COORDINATES} (about 177 MB, once)")
    for attempt in range(1, _TRIES + 1):
        try:
            _continue_download(address, part, notice)
        except requests.RequestException as error:
            if attempt == _TRIES:
                raise DevstackError(
                    "the download of Keycloak failed",
                    target=COORDINATES,
                    advice="check the network; run again to continue where it broke off",
                ) from error
            notice.say(f"the download broke off, trying again ({attempt} of {_TRIES - 1})")
            continue
        if sha256_of(part) == ARCHIVE_SHA256:
            part.replace(path)
            return
        part.unlink()
    raise DevstackError(
        "what was downloaded does not have the pinned checksum",
        target=COORDINATES,
        advice="a proxy or mirror changes the file; nothing was kept",
    )


def _continue_download(address: str, part: Path, notice: Notice) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with requests.get(address, headers=headers, stream=True, timeout=(15, 60)) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        done = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                notice.transferred(done, total)
        if total is None:
            notice.transferred(done, done)
