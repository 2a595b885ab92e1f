"""The limits of connections, and the number of connections that the process can have."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from typing import Final

BACKLOG: Final = 256
"""Connections that the kernel completes ahead. The event loop accepts all of them at once, before it can
close an older connection for any of them."""
RESERVED_DESCRIPTORS: Final = BACKLOG + 256
"""Descriptors for the backlog, for the store, for requests to Keycloak and partners, and for files."""
CONNECTIONS: Final = 1000
_FEWEST: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What a client may use. Exceeding a time limit closes the connection."""

    connections: int = CONNECTIONS
    """Open connections. Above it, the oldest one without a complete request is closed for a new one."""
    head_s: float = 10.0
    """From the connection, or the first byte of a later request, to the end of the request's head."""
    idle_s: float = 30.0
    """Between two requests."""
    body_s: float = 120.0
    """From the end of the head to the end of the body."""
    body_pause_s: float = 20.0
    """Without a byte of the body, while the service is ready to read."""
    write_s: float = 30.0
    """Without progress while the response is written."""
    head_bytes: int = 64 * 1024
    request_bytes: int = 34 * 1024 * 1024
    """Everything of one request: the largest body, its chunk headers, and trailers."""


def connections_below_descriptors(wanted: int) -> int:
    """Return how many connections the process can have, at most ``wanted``.

    Raises the soft descriptor limit up to the hard limit if that is needed.
    """
    needed = wanted + RESERVED_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    return max(_FEWEST, soft - RESERVED_DESCRIPTORS)
