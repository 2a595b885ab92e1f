"""Holding the lock: renewed in the background for as long as the work takes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from partnergate.errors import KeycloakError, KeycloakNotFoundError, LockedError

if TYPE_CHECKING:
    from partnergate.applying.ports import RealmLock
    from partnergate.errors import PartnergateError

BEAT_SECONDS = 15.0


class HeldLock:
    """Takes the lock on entering, gives it back on leaving, and knows when it was lost in between."""

    def __init__(self, lock: RealmLock, *, beat_seconds: float = BEAT_SECONDS) -> None:
        self._lock = lock
        self._beat_seconds = beat_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="partnergate-lock", daemon=True)
        self.lost: PartnergateError | None = None
        """Why this run must not go on writing."""

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
            # The lock ends by itself; a failure to give it back must not hide how the work ended.
            return

    def check(self) -> PartnergateError | None:
        """Ask now whether the lock is still ours; used when something failed as if the realm were gone."""
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
            # One beat may fail while the server is busy; the work itself meets a lasting failure.
            return
