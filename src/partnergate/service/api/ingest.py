"""The ingest queue: one writer thread stores the batches of all requests in shared transactions.

The queue has a maximum number of events. When it is full, senders receive 429, so a slow database
never causes unbounded memory use.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.errors import PartnergateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.metering.ports import Receipt, UsageLedger
    from partnergate.metering.usage import UsageEvent
    from partnergate.service.clock import Clock

_MAX_TRANSACTION_EVENTS = 20_000
_BUSY_SECONDS = 0.3
"""How long the queue counts as busy after a write."""


class QueueFullError(Exception):
    """The queue has no room for the batch."""


class ClosedError(Exception):
    """The service is stopping."""


@dataclass(slots=True)
class _Waiting:
    events: Sequence[UsageEvent]
    done: Future[tuple[Receipt, ...]]


@dataclass(slots=True, kw_only=True)
class IngestQueue:
    """A bounded queue of batches for the ledger."""

    ledger: UsageLedger
    realm: str
    clock: Clock
    capacity: int = 50_000
    """Maximum number of queued events."""
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _events: int = 0
    _wrote: float = -1.0
    _closed: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the writer thread."""
        self._thread = threading.Thread(target=self._run, name="usage-writer", daemon=True)
        self._thread.start()

    def submit(self, events: Sequence[UsageEvent]) -> Future[tuple[Receipt, ...]]:
        """Enqueue a batch. The future resolves to its receipts once they are durable.

        Raises ``QueueFullError`` or ``ClosedError``.
        """
        done: Future[tuple[Receipt, ...]] = Future()
        with self._changed:
            if self._closed:
                raise ClosedError
            if self._events and self._events + len(events) > self.capacity:
                raise QueueFullError
            self._waiting.append(_Waiting(events, done))
            self._events += len(events)
            self._changed.notify()
        return done

    def busy(self) -> bool:
        """Whether batches are queued or were written a moment ago."""
        return bool(self._waiting) or time.monotonic() - self._wrote < _BUSY_SECONDS

    @property
    def waiting_events(self) -> int:
        """Number of queued events."""
        return self._events

    def close(self, timeout: float) -> None:
        """Reject new batches, write the queued ones, and stop. Gives up after ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while taken := self._take():
            self._write(taken)

    def _take(self) -> list[_Waiting]:
        """Return the batches of the next transaction; empty when the queue is closed and drained."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            taken: list[_Waiting] = []
            size = 0
            while self._waiting and (
                not taken or size + len(self._waiting[0].events) <= _MAX_TRANSACTION_EVENTS
            ):
                taken.append(self._waiting.popleft())
                size += len(taken[-1].events)
            self._events -= size
            return taken

    def _write(self, taken: list[_Waiting]) -> None:
        events = [event for one in taken for event in one.events]
        try:
            receipts = self.ledger.append(self.realm, events, self.clock())
        except Exception as error:  # reported to each sender; the writer must survive
            if not isinstance(error, PartnergateError):
                logging.getLogger("partnergate.service").exception("usage events could not be written")
            for one in taken:
                one.done.set_exception(error)
            return
        self._wrote = time.monotonic()
        position = 0
        for one in taken:
            one.done.set_result(receipts[position : position + len(one.events)])
            position += len(one.events)
