"""Keeps count of what became of each launch: in the log at once, as a metric, and in the store.

Only counts by partner and hour: no person, no address, and no growth with the number of presses.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from partnergate.service.logs import log_event
from partnergate.signin.attempts import PROGRESS
from partnergate.store.sessions.attempts import add_launches

if TYPE_CHECKING:
    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Stopping
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.signin.attempts import LaunchOutcome
    from partnergate.store.database.engine import Store

EVERY_SECONDS: Final = 2.0


@dataclass(slots=True, kw_only=True)
class LaunchRecord:
    """Safe among threads. ``note`` never waits for the store; the loop writes."""

    realm: str
    store: Store
    metrics: ServiceMetrics
    clock: Clock
    _waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, partner: str, outcome: LaunchOutcome) -> None:
        """One thing that happened; ``partner`` is one of the files, or empty."""
        level = logging.INFO if outcome in PROGRESS else logging.WARNING
        log_event("launch", level, partner=partner, outcome=outcome.value)
        self.metrics.launches.labels(partner, outcome.value).inc()
        with self._lock:
            self._waiting[partner, outcome.value] += 1

    def write(self) -> None:
        """Put what waits into the store; it waits on when that fails."""
        with self._lock:
            counts, self._waiting = self._waiting, Counter()
        if not counts:
            return
        try:
            with self.store.write() as connection:
                add_launches(connection, self.realm, self.clock(), counts)
        except BaseException:
            with self._lock:
                self._waiting.update(counts)
            raise

    def __call__(self, stopping: Stopping) -> None:
        """The loop of the service; the last counts are written when it stops."""
        while not stopping.wait(EVERY_SECONDS):
            self.write()
        self.write()
