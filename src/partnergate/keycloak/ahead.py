"""Work that goes on in the background until its result is asked for.

In threads that nobody waits for: a command that ends with an error must not hang on a server that
does not answer. ``concurrent.futures`` waits for its threads, whatever happened.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Ahead(Generic[_T]):
    """Begins at once; ``result`` waits for the end, and gives or raises what came out."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._given: _T
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="partnergate-ahead", daemon=True)
        self._thread.start()

    def result(self) -> _T:
        """What the work gave; raises what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._given

    def _run(self) -> None:
        try:
            self._given = self._work()
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            self._error = error
