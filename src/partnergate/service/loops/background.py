"""Background threads of the service. A failed loop restarts with exponential backoff."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.errors import PartnergateError
from partnergate.service.logs import log_event
from partnergate.store.meters.login_hours import count_stale_hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.service.loops.loop import Loop, Stopping
    from partnergate.store.usage.ledger import StoredUsage

_MAX_PAUSE = 60.0
_MAX_DEFERRAL = 30.0


@dataclass(slots=True, kw_only=True)
class Background:
    """Runs each loop in a thread until ``stopping`` is set."""

    loops: tuple[tuple[str, Loop], ...]
    stopping: Stopping
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start every loop."""
        for name, loop in self.loops:
            thread = threading.Thread(target=self._run, args=(name, loop), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self, deadline: float) -> tuple[str, ...]:
        """Wait until ``deadline`` (``time.monotonic`` seconds); return the loops that are still running."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return tuple(t.name for t in self._threads if t.is_alive())

    def _run(self, name: str, loop: Loop) -> None:
        pause = 1.0
        while not self.stopping.is_set():
            started = time.monotonic()
            try:
                loop(self.stopping)
            except PartnergateError as error:
                log_event("loop_failed", logging.ERROR, loop=name, failure=type(error).__name__, pause=pause)
            except Exception:
                log_event("loop_crashed", logging.ERROR, loop=name, pause=pause)
                logging.getLogger("partnergate.service").exception("background loop crashed")
            else:
                return
            pause = 1.0 if time.monotonic() - started > _MAX_PAUSE else min(pause * 2, _MAX_PAUSE)
            self.stopping.wait(pause)


def usage_attribution(usage: StoredUsage, busy: Callable[[], bool], every: float = 1.0) -> Loop:
    """Return a loop that attributes new usage events, and defers to the writer while it is busy.

    It defers for at most 30 seconds, which is its maximum lag under sustained load.
    """

    def loop(stopping: Stopping) -> None:
        rechecked_at = idle_at = -_MAX_PAUSE
        while not stopping.is_set():
            now = time.monotonic()
            if busy() and now - idle_at < _MAX_DEFERRAL:
                stopping.wait(0.1)
                continue
            if now - rechecked_at >= every * 10:
                usage.attributor.declare_meters()
                usage.attributor.attribute_again()
                while not stopping.is_set() and count_stale_hours(usage.store):
                    pass
                rechecked_at = time.monotonic()
            if not usage.attributor.attribute_some():
                idle_at = time.monotonic()
                stopping.wait(every)

    return loop
