"""The Keycloak distributions: versions, checksums, and the download to the cache."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from partnergate.devstack.cache import cache_directory, exclusive
from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from partnergate.devstack.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One pinned version."""

    version: str
    sha256: str

    @property
    def coordinates(self) -> str:
        """Its Maven coordinates."""
        return f"org.keycloak:keycloak-quarkus-dist:zip:{self.version}"

    @property
    def archive_name(self) -> str:
        return f"keycloak-quarkus-dist-{self.version}.zip"


NEWEST = Distribution(
    version="26.7.5", sha256="30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
)
"""The version of the demo and the tests."""
OLDEST = Distribution(
    version="26.3.5", sha256="95756bdfd7540fafaf28874a8eb8d0d4c55977344a3b7821e9bd3a22bfb2b6a6"
)
"""A version of the oldest supported release line; one test runs the main job on it."""
KEYCLOAK_VERSION = NEWEST.version
_CHUNK = 1 << 20
_TRIES = 3


def sha256_of(path: Path) -> str:
    """The file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive(notice: Notice, pinned: Distribution = NEWEST) -> Path:
    """The verified archive: from the cache, a local Maven repository, or a download."""
    path = cache_directory() / "downloads" / pinned.archive_name
    with exclusive(path.with_suffix(".lock")):
        if path.exists():
            if sha256_of(path) == pinned.sha256:
                return path
            notice.report(f"{path} does not have the pinned checksum; downloading it again")
            path.unlink()
        local = _in_local_repository(pinned)
        if local is not None:
            notice.report(f"copying {pinned.archive_name} from the local Maven repository")
            return local
        _download(path, notice, pinned)
    return path


def _in_local_repository(pinned: Distribution) -> Path | None:
    folder = Path.home() / ".m2/repository/org/keycloak/keycloak-quarkus-dist" / pinned.version
    path = folder / pinned.archive_name
    return path if path.exists() and sha256_of(path) == pinned.sha256 else None


def _address(pinned: Distribution) -> str:
    """URL of the archive; ``PARTNERGATE_MAVEN_REPOSITORY`` sets a mirror."""
    from maven_artifact.artifact import Artifact  # noqa: PLC0415 - an optional dependency
    from maven_artifact.downloader import Downloader  # noqa: PLC0415

    mirror = os.environ.get("PARTNERGATE_MAVEN_REPOSITORY")
    downloader = Downloader(base=mirror) if mirror else Downloader()
    return str(downloader.resolver.uri_for_artifact(Artifact.parse(pinned.coordinates)))


def _download(path: Path, notice: Notice, pinned: Distribution) -> None:
    """Download to a partial file, which a later run continues. It is renamed once the checksum matches."""
    try:
        address = _address(pinned)
    except ImportError as error:
        raise DevstackError(
            "Keycloak is not in the cache and cannot be fetched",
            target=pinned.coordinates,
            advice="install partnergate[devstack], or set KEYCLOAK_HOME to an unpacked one",
        ) from error
    part = path.with_suffix(".part")
    notice.report(f"downloading {pinned.coordinates} (about 170 MB, once)")
    for attempt in range(1, _TRIES + 1):
        try:
            _continue_download(address, part, notice)
        except requests.RequestException as error:
            if attempt == _TRIES:
                raise DevstackError(
                    "the download of Keycloak failed",
                    target=pinned.coordinates,
                    advice="check the network (REQUESTS_CA_BUNDLE names a proxy's own authority); "
                    "run again to continue the download",
                ) from error
            notice.report(f"the download was interrupted; retrying ({attempt} of {_TRIES - 1})")
            continue
        if sha256_of(part) == pinned.sha256:
            part.replace(path)
            return
        part.unlink()
    raise DevstackError(
        "the downloaded file does not have the pinned checksum",
        target=pinned.coordinates,
        advice="a proxy or mirror may have changed the file; it was deleted",
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
