"""Runs the application until SIGTERM or SIGINT, then shuts down gracefully.

On the signal, the service first becomes not ready, then drains requests, then stops.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import uvicorn

from partnergate.process_tuning import tune_for_ingest
from partnergate.service.app import STOP_SECONDS, create_app

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


def run_service(deps: ServiceDeps, *, host: str, port: int) -> None:
    """Serve until the process receives SIGTERM or SIGINT."""
    tune_for_ingest()
    app = create_app(deps)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(STOP_SECONDS),
        timeout_keep_alive=30,
    )
    _Server(config, app).run()
