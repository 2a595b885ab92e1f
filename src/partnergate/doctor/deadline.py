"""Requests to partner URLs with one deadline for all requests of a check."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from partnergate.doctor.fetching import Fetcher, FetchFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.doctor.fetching import FetchResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFetcher(Fetcher):
    """A fetcher whose requests fail after ``ends_at``, in seconds of the monotonic clock."""

    ends_at: float

    def get(
        self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> FetchResponse:
        """Send a GET request like ``Fetcher.get``."""
        return Fetcher.get(self._timed(), url, accept=accept, headers=headers)

    def post_form(
        self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> FetchResponse:
        """Send a form like ``Fetcher.post_form``."""
        return Fetcher.post_form(self._timed(), url, form, headers=headers)

    def _timed(self) -> Fetcher:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise FetchFailed("the time limit of the check has passed")
        return replace(self, total_seconds=min(self.total_seconds, left))


def with_deadline(fetcher: Fetcher, seconds: float) -> DeadlineFetcher:
    """Return a fetcher like ``fetcher`` for a check that begins now and takes at most ``seconds``."""
    return DeadlineFetcher(
        policy=fetcher.policy,
        resolve=fetcher.resolve,
        max_bytes=fetcher.max_bytes,
        total_seconds=fetcher.total_seconds,
        ca_bundle=fetcher.ca_bundle,
        ends_at=time.monotonic() + seconds,
    )
