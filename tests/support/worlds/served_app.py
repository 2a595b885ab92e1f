"""An application on loopback, behind the server that the sidecar uses."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from partnergate.devstack.free_ports import free_ports
from partnergate.service.connections.limits import ConnectionLimits
from partnergate.service.running import server_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI


@contextmanager
def served_app(
    app: FastAPI,
    *,
    limits: ConnectionLimits | None = None,
    port: int | None = None,
    trusted_proxies: tuple[str, ...] = (),
) -> Iterator[int]:
    """The port of the server, until the ``with`` statement ends."""
    port = port or free_ports(1)[0]
    server = uvicorn.Server(
        server_config(
            app,
            host="127.0.0.1",
            port=port,
            limits=limits or ConnectionLimits(),
            trusted_proxies=trusted_proxies,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)
