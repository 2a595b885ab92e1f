"""The lock of a realm while it is held: renewed in the background until the work is done."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from partnergate.errors import KeycloakError, KeycloakNotFoundError, LockedError

if TYPE_CHECKING:
    from partnergate.applying.ports import RealmLock
    from partnergate.errors import PartnergateError

BEAT_SECONDS = 15.0


class HeldLock:
    """Takes the lock on entry, releases it on exit, and records when it is lost in between."""

    def __init__(self, lock: RealmLock, *, beat_seconds: float = BEAT_SECONDS) -> None:
        self._lock = lock
        self._beat_seconds = beat_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="partnergate-lock", daemon=True)
        self.lost: PartnergateError | None = None
        """Why this run must stop writing; None while the lock is held."""

    def __enter__(self) -> Self:
        self._lock.take()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        try:
            self._lock.release()
        except KeycloakError:
            # The lock expires; a failure to release it must not hide the outcome of the work.
            return

    def check(self) -> PartnergateError | None:
        """Check now whether the lock is still held; for a failure that may mean a deleted realm."""
        self._renew()
        return self.lost

    def _beat(self) -> None:
        while not self._over.wait(self._beat_seconds):
            self._renew()

    def _renew(self) -> None:
        try:
            self._lock.renew()
        except (LockedError, KeycloakNotFoundError) as error:
            self.lost = error
        except KeycloakError:
            # One renewal may fail while the server is busy; the work itself meets a lasting failure.
            return
