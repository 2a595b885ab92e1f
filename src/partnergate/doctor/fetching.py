"""Sends requests to partner URLs, with protection against server-side request forgery (SSRF).

A partner's URL is untrusted input: it could point or redirect to the host's network or a cloud
metadata service, or never finish responding. The host name is resolved once, every resolved
address must be public (``model.public_hosts``), and the connection uses that address, so DNS rebinding
has no effect. Redirects are not followed. Response size and total time are limited.
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

from partnergate.model.public_hosts import address_of, is_loopback_host, is_private_name, is_public_address

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
class FetchResponse:
    """A response. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class FetchRefused(Exception):  # noqa: N818 - a policy decision, not an operational failure
    """The network policy does not allow the address. No request was sent."""


class FetchFailed(Exception):  # noqa: N818 - reported as a finding
    """The request failed, or the response exceeded a limit."""

    def __init__(self, reason: str, *, certificate_expired: bool = False) -> None:
        super().__init__(reason)
        self.certificate_expired = certificate_expired


class Resolver(Protocol):
    """Resolves a host name to addresses."""

    def __call__(self, host: str, port: int) -> tuple[str, ...]: ...


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Return every address that the system resolver knows for ``host``, sorted."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(sorted({str(info[4][0]) for info in found}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Sends requests to partner URLs under one network policy."""

    policy: NetworkPolicy
    resolve: Resolver = system_resolver
    max_bytes: int = MAX_BYTES
    total_seconds: float = TOTAL_SECONDS
    ca_bundle: str | None = field(default=None)

    def get(
        self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> FetchResponse:
        """Send a GET request. Raises ``FetchRefused`` or ``FetchFailed``."""
        return self._send("GET", url, {"Accept": accept} | dict(headers or {}), None)

    def checked_address(self, url: str) -> str:
        """Return the address to connect to; for callers that send the request themselves.

        Raises as ``get`` does before it sends.
        """
        scheme, host, port, _ = self._allowed_parts(url)
        return self._allowed_address(scheme, host, port)

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> FetchResponse:
        """Send a form as a POST request. Raises like ``get``."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self.post(url, urlencode(form).encode(), headers=sent | dict(headers or {}))

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> FetchResponse:
        """Send ``body`` as a POST request. Raises like ``get``."""
        return self._send("POST", url, headers, body)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> FetchResponse:
        scheme, host, port, path = self._allowed_parts(url)
        address = self._allowed_address(scheme, host, port)
        connection = self._connection(scheme, host, address, port)
        sent = {**headers, "Host": _host_header(scheme, host, port), "User-Agent": "partnergate"}
        timed_out = threading.Event()
        alarm = threading.Timer(self.total_seconds, _abort, (connection, timed_out))
        alarm.daemon = True
        alarm.start()
        try:
            connection.request(method, path, body=body, headers=sent, preload_content=False)
            response = connection.getresponse()
            content = self._read(response)
        except (HTTPError, OSError, HTTPException) as error:
            if timed_out.is_set():
                raise FetchFailed(f"the response took longer than {self.total_seconds:.0f} s") from error
            raise FetchFailed(_reason(error), certificate_expired=certificate_expired(error)) from error
        finally:
            alarm.cancel()
            connection.close()
        if timed_out.is_set():
            raise FetchFailed(f"the response took longer than {self.total_seconds:.0f} s")
        return FetchResponse(
            status=response.status,
            headers={k.lower(): v for k, v in response.headers.items()},
            body=content,
        )

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        content = bytearray()
        while chunk := response.read1(_CHUNK):
            content += chunk
            if len(content) > self.max_bytes:
                raise FetchFailed(f"the response is larger than {self.max_bytes} bytes")
        return bytes(content)

    def _allowed_parts(self, url: str) -> tuple[str, str, int, str]:
        try:
            split = urlsplit(url)
            port = split.port
        except ValueError as error:
            raise FetchRefused(f"the URL is not valid: {error}") from error
        if split.scheme not in _PORTS or not split.hostname or "@" in split.netloc:
            raise FetchRefused("the URL is not a plain https URL")
        if split.scheme == "http" and not self.policy.allow_loopback_http:
            raise FetchRefused("http is not encrypted; use https")
        if not split.hostname.isascii():
            raise FetchRefused("the host name has characters outside ASCII; write it in Punycode (xn--)")
        self._refuse_private_name(split.hostname)
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        return split.scheme, split.hostname, port or _PORTS[split.scheme], path

    def _refuse_private_name(self, host: str) -> None:
        if self.policy.allow_loopback_http and is_loopback_host(host):
            return
        if address_of(host) is None and is_private_name(host):
            raise FetchRefused(f"{host} is a private host name")

    def _allowed_address(self, scheme: str, host: str, port: int) -> str:
        try:
            addresses = self.resolve(host, port)
        except OSError as error:
            raise FetchFailed(f"{host} cannot be resolved: {error}") from error
        if not addresses:
            raise FetchFailed(f"{host} cannot be resolved")
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if self.policy.allow_loopback_http and address.is_loopback:
                continue
            if not is_public_address(address):
                raise FetchRefused(f"{host} resolves to {address}, which is not a public address")
            if scheme == "http":
                raise FetchRefused("plain http is allowed for loopback addresses only")
        return addresses[0]

    def _connection(self, scheme: str, host: str, address: str, port: int) -> HTTPConnection:
        if scheme == "http":
            return HTTPConnection(address, port, timeout=CONNECT_SECONDS)
        return HTTPSConnection(
            address, port, timeout=CONNECT_SECONDS, cert_reqs="CERT_REQUIRED",
            server_hostname=host, assert_hostname=host, ca_certs=self.ca_bundle,
        )  # fmt: skip


def certificate_expired(error: BaseException | None) -> bool:
    """Whether the root cause is an expired certificate (OpenSSL verify code 10)."""
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


def _abort(connection: HTTPConnection, timed_out: threading.Event) -> None:
    """Close the connection at the deadline, even while the server is still sending."""
    timed_out.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _host_header(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _PORTS[scheme] else f"{shown}:{port}"


def _reason(error: BaseException) -> str:
    """Describe the cause for a partner, without internal addresses."""
    inner = getattr(error, "reason", None) or error
    if isinstance(inner, SSLError) or isinstance(error, SSLError):
        return f"TLS failed: {inner}"
    if isinstance(inner, TimeoutError):
        return "timed out"
    return type(inner).__name__.removesuffix("Error").lower() + " failure" if not str(inner) else str(inner)
