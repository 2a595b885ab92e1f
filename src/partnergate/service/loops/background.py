"""Threads that live as long as the service: each loop restarts after a failure, with growing pauses."""

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

_LONGEST_PAUSE = 60.0
_GIVE_WAY = 30.0


@dataclass(slots=True, kw_only=True)
class Background:
    """Runs loops until they are told to stop."""

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
        """Wait for the loops until the deadline, in seconds of ``time.monotonic``; who still runs."""
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
                logging.getLogger("partnergate.service").exception("a loop crashed")
            else:
                return
            pause = 1.0 if time.monotonic() - started > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            self.stopping.wait(pause)


def attributing(usage: StoredUsage, busy: Callable[[], bool], every: float = 1.0) -> Loop:
    """A loop that attributes usage soon after it came, and gives way to the writer while that is busy.

    It never gives way for longer than half a minute, so under lasting load it falls behind by that much.
    """

    def loop(stopping: Stopping) -> None:
        looked_again = attributed = -_LONGEST_PAUSE
        while not stopping.is_set():
            now = time.monotonic()
            if busy() and now - attributed < _GIVE_WAY:
                stopping.wait(0.1)
                continue
            if now - looked_again >= every * 10:
                usage.attributor.declare_meters()
                usage.attributor.attribute_again()
                while not stopping.is_set() and count_stale_hours(usage.store):
                    pass
                looked_again = time.monotonic()
            if not usage.attributor.attribute_some():
                attributed = time.monotonic()
                stopping.wait(every)

    return loop
