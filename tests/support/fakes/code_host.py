"""A code host on loopback: the comments of one pull request, through the API of GitHub or GitLab."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

GITHUB_COMMENTS = "/repos/host/partners/issues/7/comments"
GITHUB_COMMENT = "/repos/host/partners/issues/comments"
GITLAB_NOTES = "/projects/5/merge_requests/7/notes"
GITHUB_JOB = "github-actions[bot]"
GITLAB_BOT = "partnergate-bot"
TOKEN = "token-of-the-test"
_LONGEST_ON_GITHUB = 65_536


@dataclass(slots=True)
class CodeHost:
    """The running host and its comments, oldest first: id, account and text."""

    url: str
    comments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refuses: int = 0
    """The status of every write; 0 means success."""

    def add(self, who: str, body: str) -> dict[str, Any]:
        """Add a comment of that account."""
        name = {"login": who, "username": who}
        comment = {"id": len(self.comments) + 1, "user": name, "author": name, "body": body}
        self.comments.append(comment)
        return comment

    def bodies(self, who: str) -> list[str]:
        """The comments of that account."""
        return [one["body"] for one in self.comments if one["user"]["login"] == who]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _handle(self) -> None:
        host, url = self.server.host, urlsplit(self.path)
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        host.calls.append(f"{self.command} {url.path}")
        on_github = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if not on_github and self.headers.get("PRIVATE-TOKEN") != TOKEN:
            self._answer(401, {"message": "Bad credentials"})
        elif url.path == "/user":
            # The token of a job on GitHub is no user's.
            self._answer(*((403, {}) if on_github else (200, {"username": GITLAB_BOT})))
        elif self.command == "GET" and url.path in {GITHUB_COMMENTS, GITLAB_NOTES}:
            query = parse_qs(url.query)
            size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
            self._answer(200, host.comments[(page - 1) * size : page * size])
        elif host.refuses:
            self._answer(host.refuses, {"message": "refused"})
        elif on_github and len(given.get("body", "")) > _LONGEST_ON_GITHUB:
            self._answer(422, {"message": "body is too long"})
        elif self.command == "POST" and url.path == (GITHUB_COMMENTS if on_github else GITLAB_NOTES):
            self._answer(201, host.add(GITHUB_JOB if on_github else GITLAB_BOT, given["body"]))
        elif self._changes_one(url.path, on_github=on_github):
            comment = host.comments[int(url.path.rpartition("/")[2]) - 1]
            comment["body"] = given["body"]
            self._answer(200, comment)
        else:
            self._answer(404, {"message": "Not Found"})

    do_GET = do_POST = do_PUT = do_PATCH = _handle  # noqa: N815 - the names that http.server looks for

    def _changes_one(self, path: str, *, on_github: bool) -> bool:
        method, parent = ("PATCH", GITHUB_COMMENT) if on_github else ("PUT", GITLAB_NOTES)
        return self.command == method and path.rpartition("/")[0] == parent

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = CodeHost(url=f"http://127.0.0.1:{self.server_address[1]}")


@contextmanager
def code_host() -> Iterator[CodeHost]:
    """Run a host until the ``with`` statement ends."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="code-host", daemon=True)
    thread.start()
    try:
        yield server.host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
