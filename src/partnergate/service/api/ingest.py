"""One writer for all requests: waiting batches are kept together in one transaction.

The queue is bounded in events. When it is full the sender is told to wait, so a slow database shows
as 429 at the senders and never as memory here.
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

_MOST_AT_ONCE = 20_000
_MOMENT = 0.3
"""Seconds."""


class QueueFullError(Exception):
    """More events wait than the service holds."""


class ClosedError(Exception):
    """The service is stopping."""


@dataclass(slots=True)
class _Waiting:
    events: Sequence[UsageEvent]
    done: Future[tuple[Receipt, ...]]


@dataclass(slots=True, kw_only=True)
class IngestQueue:
    """Batches on their way to the ledger."""

    ledger: UsageLedger
    realm: str
    clock: Clock
    capacity: int = 50_000
    """Events that may wait."""
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _events: int = 0
    _wrote: float = -1.0
    _closed: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="usage-writer", daemon=True)
        self._thread.start()

    def submit(self, events: Sequence[UsageEvent]) -> Future[tuple[Receipt, ...]]:
        """Hand a batch over; the future has its receipts once they are durable."""
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
        """Whether something was written in the last moment, or waits."""
        return bool(self._waiting) or time.monotonic() - self._wrote < _MOMENT

    @property
    def waiting_events(self) -> int:
        """How many events wait."""
        return self._events

    def close(self, timeout: float) -> None:
        """Take nothing more, write what waits, stop; gives up after ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while taken := self._take():
            self._write(taken)

    def _take(self) -> list[_Waiting]:
        """The batches of the next transaction; empty when the queue is closed and drained."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            taken: list[_Waiting] = []
            size = 0
            while self._waiting and (not taken or size + len(self._waiting[0].events) <= _MOST_AT_ONCE):
                taken.append(self._waiting.popleft())
                size += len(taken[-1].events)
            self._events -= size
            return taken

    def _write(self, taken: list[_Waiting]) -> None:
        events = [event for one in taken for event in one.events]
        try:
            receipts = self.ledger.append(self.realm, events, self.clock())
        except Exception as error:  # each sender is told; the writer must live on
            if not isinstance(error, PartnergateError):
                logging.getLogger("partnergate.service").exception("usage could not be written")
            for one in taken:
                one.done.set_exception(error)
            return
        self._wrote = time.monotonic()
        position = 0
        for one in taken:
            one.done.set_result(receipts[position : position + len(one.events)])
            position += len(one.events)
