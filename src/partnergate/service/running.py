"""Runs the application until SIGTERM or SIGINT, then shuts down gracefully.

On the signal, the service first becomes not ready, then drains requests, then stops.
"""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

import uvicorn

from partnergate.process_tuning import tune_for_ingest
from partnergate.service.app import STOP_SECONDS, create_app
from partnergate.service.connections.limits import (
    BACKLOG,
    CONNECTIONS,
    ConnectionLimits,
    connections_below_descriptors,
)
from partnergate.service.connections.protocol import bounded_protocol
from partnergate.service.logs import log_event

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

    from partnergate.service.deps import ServiceDeps


class _Server(uvicorn.Server):
    """Becomes not ready when the signal arrives, before connections are drained."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        self._app.state.stopping.set()
        # The base class raises the signal again after draining, so the exit code would not be 0.
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        self.should_exit = True


def run_service(
    deps: ServiceDeps,
    *,
    host: str,
    port: int,
    connections: int = CONNECTIONS,
    trusted_proxies: tuple[str, ...] = (),
) -> None:
    """Serve until the process receives SIGTERM or SIGINT.

    Fewer ``connections`` are accepted if the process may not have enough descriptors for them.
    """
    tune_for_ingest()
    app = create_app(deps)
    limits = ConnectionLimits(connections=connections_below_descriptors(connections))
    if limits.connections < connections:
        log_event(
            "connections_limited", logging.WARNING, connections=limits.connections, configured=connections
        )
    config = server_config(app, host=host, port=port, limits=limits, trusted_proxies=trusted_proxies)
    _Server(config, app).run()


def server_config(
    app: FastAPI,
    *,
    host: str,
    port: int,
    limits: ConnectionLimits,
    trusted_proxies: tuple[str, ...] = (),
) -> uvicorn.Config:
    """Return the configuration of the server: bounded connections, no WebSockets, no server header."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=bounded_protocol(limits),
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(STOP_SECONDS),
        timeout_keep_alive=int(limits.idle_s),
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
    )
