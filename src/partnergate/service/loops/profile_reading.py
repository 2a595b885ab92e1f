"""The loop of the service that looks at the profiles of users who signed in, and keeps what they lack."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from partnergate.errors import KeycloakError, KeycloakForbiddenError, StoreError
from partnergate.model.instants import to_ms
from partnergate.service.logs import log_event
from partnergate.store.sessions.ingest import event_lock
from partnergate.store.sessions.profiles import SeenProfile, keep_profiles, unseen_logins
from partnergate.store.sessions.quality import recent_qualities

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.profiles import UserProfile
    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Stopping
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.database.engine import Store

LOOK_BACK: Final = timedelta(days=30)
"""A user's profile is looked at once in this time, while the user signs in."""
_MOST_GONE: Final = 10_000


class ProfileSource(Protocol):
    """Where profiles are read."""

    def profile(self, user_id: str) -> UserProfile | None:
        """One user's profile; none when the user is gone."""
        ...


@dataclass(slots=True, kw_only=True)
class ProfileReading:
    """Looks at each user who signed in lately. One thread uses it."""

    realm: str
    store: Store
    source: ProfileSource
    metrics: ServiceMetrics
    clock: Clock
    page: int = 50
    pause_s: float = 1.0
    idle_s: float = 60.0
    show_s: float = 300.0
    """Counting goes over all logins of a month, so it is done this often at most."""
    forbidden_s: float = 3_600.0
    monotonic: Callable[[], float] = time.monotonic
    _shown: float | None = None
    _after: str = ""
    _gone: set[str] = field(default_factory=set)
    _said: bool = False

    def __call__(self, stopping: Stopping) -> None:
        """Work until told to stop; without the right to see users it says so once and asks hourly."""
        while not stopping.is_set():
            try:
                more = self.look_at_some(stopping)
                self.show_when_due()
                wait = self.pause_s if more else self.idle_s
            except (KeycloakError, StoreError) as error:
                wait = self._failed(error)
            stopping.wait(wait)

    def look_at_some(self, stopping: Stopping | None = None) -> bool:
        """Look at a page of users and keep what their profiles lack; whether there may be more."""
        since_ms = to_ms(self.clock() - LOOK_BACK)
        with self.store.read() as connection:
            unseen = unseen_logins(connection, self.realm, since_ms, self.page, after_user=self._after)
        seen: list[SeenProfile] = []
        for login in unseen:
            if stopping is not None and stopping.is_set():
                break
            if login.user_id in self._gone:
                continue
            profile = self.source.profile(login.user_id)
            if profile is None:
                self._forget(login.user_id)
                continue
            seen.append(
                SeenProfile(
                    login=login,
                    first_name=profile.first_name,
                    last_name=profile.last_name,
                    email=profile.email,
                )
            )
        self.metrics.profiles_readable.labels(self.realm).set(1)
        self._said = False
        if seen:
            with self.store.write(lock=event_lock(self.realm)) as connection:
                keep_profiles(connection, self.realm, seen)
        self._after = unseen[-1].user_id if len(unseen) == self.page else ""
        return bool(self._after)

    def _forget(self, user_id: str) -> None:
        if len(self._gone) >= _MOST_GONE:
            self._gone.clear()
        self._gone.add(user_id)

    def _failed(self, error: KeycloakError | StoreError) -> float:
        if not isinstance(error, KeycloakForbiddenError):
            log_event("profiles_failed", logging.WARNING, realm=self.realm, error=type(error).__name__)
            return self.idle_s
        self.metrics.profiles_readable.labels(self.realm).set(0)
        if not self._said:
            log_event("profiles_not_readable", logging.WARNING, realm=self.realm, needs="view-users")
            self._said = True
        return self.forbidden_s

    def show_when_due(self) -> bool:
        """Bring the figures up to date, unless they are new; whether they were."""
        now = self.monotonic()
        if self._shown is not None and now < self._shown + self.show_s:
            return False
        self._shown = now
        self._show()
        return True

    def _show(self) -> None:
        """Bring the figures of the last thirty days up to date."""
        end = self.clock()
        with self.store.read() as connection:
            found = recent_qualities(connection, self.realm, end - LOOK_BACK, end)
        self.metrics.identity_problems.clear()
        self.metrics.identity_logins.clear()
        for quality in found:
            for seen, number in (("yes", quality.observed), ("no", quality.logins - quality.observed)):
                self.metrics.identity_logins.labels(self.realm, quality.partner, seen).set(number)
            for problem, number in quality.problems:
                self.metrics.identity_problems.labels(self.realm, quality.partner, problem).set(number)
