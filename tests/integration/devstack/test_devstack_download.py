"""The download continues after an interruption, and is kept only with the pinned checksum."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from partnergate.devstack import distribution
from partnergate.devstack.notice import SilentNotice
from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

CONTENT = b"keycloak " * 300_000
PINNED = distribution.Distribution(version="0.0.1", sha256=hashlib.sha256(CONTENT).hexdigest())


class Mirror(ThreadingHTTPServer):
    """A Maven repository on loopback that interrupts its first responses."""

    breaks = 0
    content = CONTENT
    asked: list[str | None]


class Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requested_paths.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.breaks > 0:
            self.server.breaks -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    server = Mirror(("127.0.0.1", 0), Handler)
    server.requested_paths = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PARTNERGATE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PARTNERGATE_MAVEN_REPOSITORY", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_interrupted_download_is_continued(mirror: Mirror) -> None:
    mirror.breaks = 1
    path = distribution.archive(SilentNotice(), PINNED)
    assert path.read_bytes() == CONTENT
    assert mirror.requested_paths[0] is None
    assert mirror.requested_paths[1] is not None


def test_the_second_call_uses_the_cached_file(mirror: Mirror) -> None:
    first = distribution.archive(SilentNotice(), PINNED)
    assert distribution.archive(SilentNotice(), PINNED) == first
    assert len(mirror.requested_paths) == 1


def test_a_cached_file_that_was_changed_is_downloaded_again(mirror: Mirror) -> None:
    path = distribution.archive(SilentNotice(), PINNED)
    path.write_bytes(b"something else")
    assert distribution.archive(SilentNotice(), PINNED).read_bytes() == CONTENT
    assert len(mirror.requested_paths) == 2


def test_a_file_with_another_checksum_is_never_stored(mirror: Mirror, tmp_path: Path) -> None:
    mirror.content = b"not keycloak"
    with pytest.raises(DevstackError, match="pinned checksum"):
        distribution.archive(SilentNotice(), PINNED)
    kept = [p.name for p in (tmp_path / "cache" / "downloads").iterdir()]
    assert all(name.endswith(".lock") for name in kept)


def test_a_download_that_keeps_failing_raises_and_keeps_its_part(mirror: Mirror) -> None:
    mirror.breaks = 3
    with pytest.raises(DevstackError, match="download of Keycloak failed") as failed:
        distribution.archive(SilentNotice(), PINNED)
    assert "run again to continue" in failed.value.diagnostics()
    assert distribution.archive(SilentNotice(), PINNED).read_bytes() == CONTENT
