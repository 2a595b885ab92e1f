"""A partner's identity provider that a test scripts: correct, broken, or hostile.

It listens on loopback, requires no password, and responds as its script defines. The scripts are
values (``hostile_oidc``, ``hostile_saml``), so that a test shows in one line what is wrong.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of a browser or of Keycloak."""

    method: str
    path: str
    form: Mapping[str, str]
    """Query and body parameters together."""
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The response."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    location: str | None = None


class Script(Protocol):
    """The behavior of one partner."""

    def reply(self, request: Request) -> Reply:
        """Answer one request. The script refuses unknown paths."""
        ...


@dataclass(slots=True)
class HostileServer:
    """The running server. A test may replace ``script`` between logins; ``seen`` contains every request."""

    script: Script | None = None
    seen: list[Request] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    """The TLS context; plain HTTP without it."""
    _http: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        if self.tls is not None:
            self._http.socket = self.tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""
        return f"{'http' if self.tls is None else 'https'}://localhost:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler_of(server: HostileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._answer(dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)))

        def _answer(self, body: dict[str, str]) -> None:
            split = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=split.path,
                form=dict(parse_qsl(split.query, keep_blank_values=True)) | body,
                headers={k.lower(): v for k, v in self.headers.items()},
            )
            server.seen.append(request)
            reply = server.script.reply(request) if server.script else Reply(status=503)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            if reply.location is not None:
                self.send_header("Location", reply.location)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            """Log nothing; tests read ``seen`` instead."""

    return Handler
