"""A proxy that breaks chosen calls to a server: cut before, cut after, a status, death, or a wait.

It forwards plain HTTP to one server, byte for byte, and keeps connections alive as the server does.
A rule names a method and a pattern of the path; the first rule that matches a call is used up by it.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_DROPPED = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_SECONDS = 60


class Break(StrEnum):
    """What happens to a call."""

    CUT_BEFORE = "cut before"
    """The connection is closed before the server receives the call."""
    CUT_AFTER = "cut after"
    """The server acts, but its response is lost."""
    STATUS = "status"
    """The server does not receive the call, and the client gets a status."""
    DIE = "die"
    """Like ``CUT_AFTER``, and every later call is cut as well."""
    STALL = "stall"
    """The call waits for ``release`` and then passes; ``stalled`` is set while it waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to break calls."""

    method: str
    path: str
    """A regular expression that is searched in the path with its query."""
    how: Break
    status: int = 503
    times: int = 1
    skip: int = 0
    """The number of matching calls that pass first."""


@dataclass(slots=True)
class FaultProxy:
    """The running proxy."""

    url: str
    rules: list[Rule] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    dead: bool = False
    stalled: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _used: dict[int, int] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, method: str, path: str, how: Break, *, status: int = 503, times: int = 1, skip: int = 0
    ) -> None:
        """Break matching calls from now on."""
        self.rules.append(Rule(method=method, path=path, how=how, status=status, times=times, skip=skip))

    def revive(self) -> None:
        """Remove all rules and accept calls again."""
        with self._guard:
            self.rules.clear()
            self._used.clear()
            self.dead = False

    def release(self) -> None:
        """Release the stalled call."""
        self._released.set()

    def stall(self) -> None:
        """Stall a call until ``release``."""
        self.stalled.set()
        self._released.wait(_SECONDS)

    def choose(self, method: str, path: str) -> Rule | None:
        """The rule for this call, which is then used up."""
        with self._guard:
            self.calls.append((method, path))
            for number, rule in enumerate(self.rules):
                if rule.method != method or not re.search(rule.path, path):
                    continue
                seen = self._used.get(number, 0)
                self._used[number] = seen + 1
                if rule.skip <= seen < rule.skip + rule.times:
                    return rule
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        """One connection to the server for each connection of a client."""
        super().setup()
        target = urlsplit(self.server.target)
        self._upstream = http.client.HTTPConnection(
            target.hostname or "", target.port or 80, timeout=_SECONDS
        )

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _handle(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if proxy.dead:
            self._cut()
            return
        rule = proxy.choose(self.command, self.path)
        if rule is not None and rule.how is Break.CUT_BEFORE:
            self._cut()
            return
        if rule is not None and rule.how is Break.STATUS:
            self._answer(
                rule.status, [("Content-Type", "application/json")], b'{"error":"made up by a test"}'
            )
            return
        if rule is not None and rule.how is Break.STALL:
            proxy.stall()
            rule = None
        status, headers, content = self._forward(body)
        if rule is not None:
            if rule.how is Break.DIE:
                proxy.dead = True
            self._cut()
            return
        self._answer(status, headers, content)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that http.server looks for

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = self._upstream
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _DROPPED}
        for last in (False, True):
            try:
                upstream.request(self.command, self.path, body=body or None, headers=headers)
                response = upstream.getresponse()
                return response.status, response.getheaders(), response.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                upstream.close()  # a kept-alive connection that the server gave up; it reconnects by itself
                if last:
                    raise
        raise AssertionError

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _DROPPED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.proxy = FaultProxy(url=f"http://127.0.0.1:{self.server_address[1]}")

    def handle_error(self, *_: object) -> None:
        """Ignore disconnected clients, which these tests cause on purpose."""


@contextmanager
def fault_proxy(target: str) -> Iterator[FaultProxy]:
    """Run a proxy to ``target`` (``http://host:port``) until the ``with`` statement ends."""
    server = _Server(target)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="fault-proxy", daemon=True)
    thread.start()
    try:
        yield server.proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
