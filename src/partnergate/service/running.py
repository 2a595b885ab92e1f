"""Runs the application in this process until SIGTERM or SIGINT: not ready first, then drained, then gone."""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING

import uvicorn

from partnergate.service.app import STOP_SECONDS, create_app

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

    from partnergate.service.deps import ServiceDeps


_SWITCH_SECONDS = 0.0005
"""How long a thread that parses keeps others waiting; the writer waits so often in each transaction."""


_COLLECT_AFTER = 50_000


def tune_interpreter() -> None:
    """For many small objects that die young: a batch of usage is thousands of them, none in a cycle.

    Without this a third of the processor time of taking usage goes into looking for cycles.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)


class _Server(uvicorn.Server):
    """Turns not ready at the signal itself, before connections are drained."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        self._app.state.stopping.set()
        # The server below would raise the signal again after the drain, and a good stop would not end with 0.
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        self.should_exit = True


def run_service(deps: ServiceDeps, *, host: str, port: int) -> None:
    """Serve until told to stop."""
    tune_interpreter()
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
