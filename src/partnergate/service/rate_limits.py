"""Limits the rate of requests by client, with a fixed amount of memory (docs/decisions/rate-limits.md)."""

from __future__ import annotations

import ipaddress
import time
from array import array
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Final

from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

_PLACES: Final = 16_384
_UNKNOWN: Final = ""
_UNKNOWN_FACTOR: Final = 20
"""How many times more requests all clients with an unknown address may send together."""
_FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip")
_IPV6_PREFIX: Final = 64


@dataclass(slots=True, kw_only=True)
class RateLimit:
    """The generic cell rate algorithm (GCRA): ``burst`` requests at once, then ``per_second``.

    A client shares its place with about one in 16,384 other clients, so memory does not grow with the
    number of clients.
    """

    per_second: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _due: array[float] = field(default_factory=lambda: array("d", bytes(8 * _PLACES)))
    """For each place, the time at which its allowance is complete again."""
    _due_unknown: float = 0.0

    def wait_s(self, client: str) -> float:
        """Count one request of a client. Returns 0, or the seconds to wait when it exceeds the limit."""
        now = self.clock()
        if client == _UNKNOWN:
            self._due_unknown, wait = self._next(self._due_unknown, now, _UNKNOWN_FACTOR)
            return wait
        place = hash(client) % _PLACES  # the hash of text is keyed, so a client cannot choose its place
        self._due[place], wait = self._next(self._due[place], now, 1)
        return wait

    def check(self, request: Request) -> None:
        """Count one request. Raises a 429 ``HttpProblem`` when the client exceeds the limit."""
        wait = self.wait_s(client_of(request))
        if wait > 0:
            raise HttpProblem(
                429,
                "this client sent too many requests",
                headers={"Retry-After": str(ceil(wait))},
                advice="wait a moment, then try again",
            )

    def _next(self, due: float, now: float, factor: int) -> tuple[float, float]:
        """Return the new due time and the seconds to wait. A refused request does not extend the wait."""
        step = 1 / (self.per_second * factor)
        begins = max(due, now)
        wait = begins - now - (self.burst * factor - 1) * step
        return (due, wait) if wait > 0 else (begins + step, 0.0)


def client_of(request: Request) -> str:
    """Return the client's address, the /64 network for IPv6; empty when a proxy that is not trusted hides it.

    The server sets the address from the forwarding headers of trusted proxies (``serve
    --trusted-proxy``), and the port to 0.
    """
    host, port = request.client or ("", 1)
    if port and any(name in request.headers for name in _FORWARDED):
        return _UNKNOWN
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
