"""Free loopback ports, and waiting until a server responds on one."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import requests

from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> tuple[int, ...]:
    """``count`` different ports that are free on the loopback address now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return tuple(int(one.getsockname()[1]) for one in sockets)


def answers(url: str) -> bool:
    """Whether the URL responds with a success status within two seconds."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def wait_until(ready: Callable[[], bool], *, alive: Callable[[], bool], seconds: float, what: str) -> None:
    """Return when ``ready``. Raises ``DevstackError`` when the process ends or after ``seconds``."""
    end = time.monotonic() + seconds
    while not ready():
        if not alive():
            raise DevstackError(f"{what} ended during its start")
        if time.monotonic() > end:
            raise DevstackError(f"{what} is not ready after {seconds:.0f} s")
        time.sleep(0.1)
