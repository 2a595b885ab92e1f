"""Access tokens of the host's service account, renewed shortly before they expire."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

_EARLY_SECONDS = 20.0


@dataclass(slots=True, kw_only=True)
class ServiceAccountToken:
    """Returns a valid access token when called. Threads can share it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    timeout: float = 10.0
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> str:
        """A token that is valid for at least 20 more seconds, if its lifetime allows that."""
        with self._lock:
            if self.clock() >= self._until:
                self._fetch()
            return self._token

    def drop(self) -> None:
        """Discard the token, after the service rejected it."""
        with self._lock:
            self._until = 0.0

    def _fetch(self) -> None:
        requested_at = self.clock()
        answer = requests.post(
            f"{self.issuer.rstrip('/')}/protocol/openid-connect/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.client_secret),
            timeout=self.timeout,
        )
        answer.raise_for_status()
        found = answer.json()
        self._token = found["access_token"]
        self._until = requested_at + float(found.get("expires_in", 60)) - _EARLY_SECONDS
