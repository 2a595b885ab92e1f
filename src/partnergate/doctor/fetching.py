"""Requests to addresses that partners name: the only way out, and a narrow one.

A partner's URL is input. It could point at the host's own network or at a cloud's metadata
service, answer for ever, or redirect there (OWASP, server-side request forgery). So the name is
resolved once, every address it has must be public, the connection goes to that very address
(a second look-up could answer otherwise), redirects are not followed, and size and time end.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlencode, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import urllib3

    from partnergate.model.environment import NetworkPolicy

MAX_BYTES: Final = 1_000_000
CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 15.0
_PORTS: Final = {"https": 443, "http": 80}
_CHUNK: Final = 65536
_CERT_HAS_EXPIRED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class FetchRefused(Exception):  # noqa: N818 - a decision, not an error of the world
    """The address may not be asked. Nothing was sent."""


class FetchFailed(Exception):  # noqa: N818 - the partner's failure, reported as a finding
    """The partner's server did not answer as a server should."""

    def __init__(self, why: str, *, certificate_ended: bool = False) -> None:
        super().__init__(why)
        self.certificate_ended = certificate_ended


class Resolver(Protocol):
    """Names to addresses."""

    def __call__(self, host: str, port: int) -> tuple[str, ...]: ...


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Every address the system knows for ``host``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(sorted({str(info[4][0]) for info in found}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Asks partner URLs under one network policy."""

    policy: NetworkPolicy
    resolve: Resolver = system_resolver
    max_bytes: int = MAX_BYTES
    total_seconds: float = TOTAL_SECONDS
    ca_bundle: str | None = field(default=None)

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Answer:
        """Raises ``FetchRefused`` or ``FetchFailed``."""
        return self._ask("GET", url, {"Accept": accept} | dict(headers or {}), None)

    def refuse_unless_allowed(self, url: str) -> None:
        """Raise what ``get`` would raise before it sends anything; for those who send by themselves."""
        scheme, host, port, _ = self._allowed_parts(url)
        self._allowed_address(scheme, host, port)

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """As ``get``, with a form."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._ask("POST", url, sent | dict(headers or {}), urlencode(form).encode())

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        scheme, host, port, path = self._allowed_parts(url)
        address = self._allowed_address(scheme, host, port)
        connection = self._connection(scheme, host, address, port)
        sent = {**headers, "Host": _host_header(scheme, host, port), "User-Agent": "partnergate"}
        late = threading.Event()
        alarm = threading.Timer(self.total_seconds, _cut, (connection, late))
        alarm.daemon = True
        alarm.start()
        try:
            connection.request(method, path, body=body, headers=sent, preload_content=False)
            response = connection.getresponse()
            content = self._read(response)
        except (HTTPError, OSError, HTTPException) as error:
            if late.is_set():
                raise FetchFailed(f"the answer took longer than {self.total_seconds:.0f} s") from error
            raise FetchFailed(_reason(error), certificate_ended=certificate_ended(error)) from error
        finally:
            alarm.cancel()
            connection.close()
        if late.is_set():
            raise FetchFailed(f"the answer took longer than {self.total_seconds:.0f} s")
        return Answer(
            status=response.status,
            headers={k.lower(): v for k, v in response.headers.items()},
            body=content,
        )

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        content = bytearray()
        while chunk := response.read1(_CHUNK):
            content += chunk
            if len(content) > self.max_bytes:
                raise FetchFailed(f"the answer is larger than {self.max_bytes} bytes")
        return bytes(content)

    def _allowed_parts(self, url: str) -> tuple[str, str, int, str]:
        try:
            split = urlsplit(url)
            port = split.port
        except ValueError as error:
            raise FetchRefused(f"the URL cannot be read: {error}") from error
        if split.scheme not in _PORTS or not split.hostname or "@" in split.netloc:
            raise FetchRefused("the URL is not a plain https address")
        if split.scheme == "http" and not self.policy.allow_loopback_http:
            raise FetchRefused("http is not encrypted; use https")
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        return split.scheme, split.hostname, port or _PORTS[split.scheme], path

    def _allowed_address(self, scheme: str, host: str, port: int) -> str:
        try:
            addresses = self.resolve(host, port)
        except OSError as error:
            raise FetchFailed(f"{host} has no address: {error}") from error
        if not addresses:
            raise FetchFailed(f"{host} has no address")
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if self.policy.allow_loopback_http and address.is_loopback:
                continue
            if not _public(address):
                raise FetchRefused(f"{host} resolves to {address}, which is not a public address")
            if scheme == "http":
                raise FetchRefused("plain http is only for this machine")
        return addresses[0]

    def _connection(self, scheme: str, host: str, address: str, port: int) -> HTTPConnection:
        if scheme == "http":
            return HTTPConnection(address, port, timeout=CONNECT_SECONDS)
        return HTTPSConnection(
            address, port, timeout=CONNECT_SECONDS, cert_reqs="CERT_REQUIRED",
            server_hostname=host, assert_hostname=host, ca_certs=self.ca_bundle,
        )  # fmt: skip


def certificate_ended(error: BaseException | None) -> bool:
    """Whether the cause, however deep, is a certificate past its end (OpenSSL's code 10)."""
    while error is not None:
        if getattr(error, "verify_code", None) == _CERT_HAS_EXPIRED:
            return True
        inner = getattr(error, "reason", None)
        nested = (
            inner
            if isinstance(inner, BaseException)
            else next((a for a in error.args if isinstance(a, BaseException)), None)
        )
        error = nested or error.__cause__ or error.__context__
    return False


def _cut(connection: HTTPConnection, late: threading.Event) -> None:
    """End a call at its deadline, whatever the server drips meanwhile."""
    late.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Public, also for the IPv4 address that an IPv6 one may wrap."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None and not _public(inner):
            return False
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return _public(ipaddress.ip_address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


def _host_header(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _PORTS[scheme] else f"{shown}:{port}"


def _reason(error: BaseException) -> str:
    """The cause in a partner's words, without our own addresses."""
    inner = getattr(error, "reason", None) or error
    if isinstance(inner, SSLError) or isinstance(error, SSLError):
        return f"TLS failed: {inner}"
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    return type(inner).__name__.removesuffix("Error").lower() + " failure" if not str(inner) else str(inner)
