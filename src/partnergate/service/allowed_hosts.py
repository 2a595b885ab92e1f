"""The allow list of the Host header, which stops DNS rebinding (RFC 9110, section 7.2).

A page of another site can point its own host name at the address of the service. The browser then sends
that page's requests here, with the name of the other site in the Host header.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.datastructures import Headers

from partnergate.errors import UsageError
from partnergate.service.problems import HttpProblem, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS: Final = frozenset({"/livez", "/readyz"})
"""Probes use the IP address of the service, and the responses contain no data."""
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


class Host(NamedTuple):
    """A host name or address in one spelling."""

    name: str
    port: int | None
    """None allows every port in the list, and means the default port in a request."""


def host_of(text: str) -> Host | None:
    """Return the host and port of ``name``, ``name:port``, or ``[IPv6]:port``; None for any other text."""
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    name, port = found[1].lower(), found[2]
    try:
        address = ipaddress.ip_address(name.strip("[]"))
        name = str(address)
    except ValueError:
        if name.startswith("["):
            return None
    return Host(name, None if port is None else int(port))


def allowed_hosts(entries: tuple[str, ...]) -> frozenset[Host]:
    """Return the list. Raises ``UsageError`` for an entry that is not a host."""
    found = {entry: host_of(entry) for entry in entries}
    for entry, host in found.items():
        if host is None:
            raise UsageError(
                f'"{entry}" is not a host',
                target="--allowed-host",
                advice="use a host without scheme and path, such as go.host.example or [::1]:8080",
            )
    return frozenset(host for host in found.values() if host is not None)


def local_hosts(port: int) -> tuple[str, ...]:
    """Return the names of this machine with the port of the service."""
    names = ("localhost", "127.0.0.1", "[::1]")
    return tuple(f"{name}:{port}" for name in names) + (names if port == _HTTP else ())


_HTTP: Final = 80


class AllowedHosts:
    """Middleware that responds with 421 to every other host. Without a list, it accepts every host."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[Host]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.hosts and scope["path"] not in OPEN_PATHS:
            named = Headers(scope=scope).getlist("host")
            if len(named) != 1 or not self._allows(named[0]):
                problem = HttpProblem(421, "the service does not respond to this host name")
                await problem_response(problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _allows(self, text: str) -> bool:
        host = host_of(text)
        return host is not None and (host in self.hosts or Host(host.name, None) in self.hosts)
