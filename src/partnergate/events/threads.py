"""Readers of several realms side by side, one thread each, stopped together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.events.reader import RealmReader


class ReaderThreads:
    """Started and stopped as one. All readers share one ``stop``."""

    def __init__(self, readers: Sequence[RealmReader], stop: threading.Event) -> None:
        self._stop = stop
        self._readers = tuple(readers)
        self._threads = tuple(
            threading.Thread(target=r.run, name=f"events-{r.realm}", daemon=True) for r in readers
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close(timeout_s=30)

    @property
    def readers(self) -> tuple[RealmReader, ...]:
        """In the order they were given."""
        return self._readers

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def close(self, *, timeout_s: float) -> bool:
        """Finish the page at hand and stop; whether all stopped in time."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)
        return not any(thread.is_alive() for thread in self._threads)
