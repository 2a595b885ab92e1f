"""Work in a background thread whose result is needed later.

The threads are daemons: a command that ends with an error must not hang on a server that does not
respond. ``concurrent.futures`` waits for its threads when the process ends.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class BackgroundTask(Generic[_T]):
    """Starts immediately; ``result`` waits and returns or raises the outcome."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._value: _T
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="partnergate-ahead", daemon=True)
        self._thread.start()

    def result(self) -> _T:
        """The return value of the work. Raises what the work raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._work()
        except Exception as error:  # noqa: BLE001 - raised by result()
            self._error = error
