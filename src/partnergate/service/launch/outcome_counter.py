"""Counts launch outcomes: immediately in the log and metrics, and periodically in the store.

The store has one count per partner, outcome and hour, without personal data. Its size does not
depend on the number of launches.
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

WRITE_SECONDS: Final = 2.0


@dataclass(slots=True, kw_only=True)
class LaunchOutcomeCounter:
    """Thread-safe. ``record`` never waits for the store; the loop writes the counts."""

    realm: str
    store: Store
    metrics: ServiceMetrics
    clock: Clock
    _pending: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, partner: str, outcome: LaunchOutcome) -> None:
        """Record one outcome. ``partner`` is a known partner, or empty."""
        level = logging.INFO if outcome in PROGRESS else logging.WARNING
        log_event("launch", level, partner=partner, outcome=outcome.value)
        self.metrics.launches.labels(partner, outcome.value).inc()
        with self._lock:
            self._pending[partner, outcome.value] += 1

    def write(self) -> None:
        """Write the pending counts to the store. They stay pending when the write fails."""
        with self._lock:
            counts, self._pending = self._pending, Counter()
        if not counts:
            return
        try:
            with self.store.write() as connection:
                add_launches(connection, self.realm, self.clock(), counts)
        except BaseException:
            with self._lock:
                self._pending.update(counts)
            raise

    def __call__(self, stopping: Stopping) -> None:
        """Run the write loop. The remaining counts are written at shutdown."""
        while not stopping.wait(WRITE_SECONDS):
            self.write()
        self.write()
