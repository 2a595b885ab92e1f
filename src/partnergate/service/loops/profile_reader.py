"""The loop that reads the profiles of users who signed in and records missing identity data."""

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
"""The profile of an active user is read once in this interval."""
_MAX_DELETED: Final = 10_000


class ProfileSource(Protocol):
    """A source of user profiles."""

    def profile(self, user_id: str) -> UserProfile | None:
        """Return one user's profile; None when the user no longer exists."""
        ...


@dataclass(slots=True, kw_only=True)
class ProfileReader:
    """Reads the profile of each recently active user. Not safe for use from several threads."""

    realm: str
    store: Store
    source: ProfileSource
    metrics: ServiceMetrics
    clock: Clock
    page: int = 50
    pause_s: float = 1.0
    idle_s: float = 60.0
    metrics_s: float = 300.0
    """Minimum interval between metric updates, which count all logins of a month."""
    forbidden_s: float = 3_600.0
    monotonic: Callable[[], float] = time.monotonic
    _updated_at: float | None = None
    _after: str = ""
    _deleted: set[str] = field(default_factory=set)
    _reported: bool = False

    def __call__(self, stopping: Stopping) -> None:
        """Read until ``stopping`` is set. Without permission, log once and retry every hour."""
        while not stopping.is_set():
            try:
                more = self.read_page(stopping)
                self.update_metrics_when_due()
                wait = self.pause_s if more else self.idle_s
            except (KeycloakError, StoreError) as error:
                wait = self._failed(error)
            stopping.wait(wait)

    def read_page(self, stopping: Stopping | None = None) -> bool:
        """Read one page of profiles and record missing data; return whether there may be more."""
        since_ms = to_ms(self.clock() - LOOK_BACK)
        with self.store.read() as connection:
            unseen = unseen_logins(connection, self.realm, since_ms, self.page, after_user=self._after)
        seen: list[SeenProfile] = []
        for login in unseen:
            if stopping is not None and stopping.is_set():
                break
            if login.user_id in self._deleted:
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
        self._reported = False
        if seen:
            with self.store.write(lock=event_lock(self.realm)) as connection:
                keep_profiles(connection, self.realm, seen)
        self._after = unseen[-1].user_id if len(unseen) == self.page else ""
        return bool(self._after)

    def _forget(self, user_id: str) -> None:
        if len(self._deleted) >= _MAX_DELETED:
            self._deleted.clear()
        self._deleted.add(user_id)

    def _failed(self, error: KeycloakError | StoreError) -> float:
        if not isinstance(error, KeycloakForbiddenError):
            log_event("profiles_failed", logging.WARNING, realm=self.realm, error=type(error).__name__)
            return self.idle_s
        self.metrics.profiles_readable.labels(self.realm).set(0)
        if not self._reported:
            log_event("profiles_not_readable", logging.WARNING, realm=self.realm, missing_role="view-users")
            self._reported = True
        return self.forbidden_s

    def update_metrics_when_due(self) -> bool:
        """Update the metrics when the interval has passed; return whether they were updated."""
        now = self.monotonic()
        if self._updated_at is not None and now < self._updated_at + self.metrics_s:
            return False
        self._updated_at = now
        self._update_metrics()
        return True

    def _update_metrics(self) -> None:
        """Update the metrics of the last 30 days."""
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
