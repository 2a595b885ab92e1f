"""Sends events in batches and retries under the same ids what may not have been received."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import msgspec
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from partnergate.client.events import Event

BATCH_TYPE = "application/cloudevents-batch+json"
_RETRIED = frozenset({429, 500, 502, 503, 504})
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class SendError(Exception):
    """Events may not have been received. You can safely send the same events again later."""

    def __init__(self, reason: str, unsent: Sequence[Event]) -> None:
        super().__init__(reason)
        self.unsent = tuple(unsent)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """The result of one event; ``docs/usage-api.md`` lists the statuses."""

    id: str | None
    status: str
    reason: str = ""
    detail: str = ""


@dataclass(slots=True, kw_only=True)
class Retry:
    """Number of attempts and the pauses between them, in seconds."""

    attempts: int = 8
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = field(default=lambda: random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    def pause(self, attempt: int, retry_after: str | None) -> None:
        """Wait before the next attempt: for the time in ``Retry-After``, or longer after each attempt."""
        if retry_after is not None and retry_after.isdigit():
            self.sleep(min(float(retry_after), self.longest_seconds))
        else:
            self.sleep(min(self.first_seconds * 2.0**attempt, self.longest_seconds) * self.jitter())


class UsageClient:
    """Sends usage events.

    ``token`` returns an access token. If it has a method ``drop``, the client calls it after a 401 and
    requests another token. A request without a response within ``timeout`` seconds is retried.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: Callable[[], str] | None = None,
        batch: int = 1_000,
        timeout: float = 30.0,
        retry: Retry | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/usage"
        self._token = token
        self._batch = batch
        self._timeout = timeout
        self._retry = retry or Retry()
        self._session = session or requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(self, events: Iterable[Event]) -> tuple[EventResult, ...]:
        """Send events. Returns the result of each, in order.

        Raises ``SendError``, whose ``unsent`` lists the events that may not have been received.
        """
        listed = list(events)
        results: list[EventResult] = []
        for begin in range(0, len(listed), self._batch):
            body = _ENCODER.encode([event.document() for event in listed[begin : begin + self._batch]])
            try:
                results.extend(self.send_body(body))
            except SendError as error:
                raise SendError(str(error), listed[begin:]) from error
        return tuple(results)

    def send_body(self, body: bytes) -> tuple[EventResult, ...]:
        """Send one batch that is already encoded as JSON. Raises ``SendError``."""
        reason = "no attempt was made"
        for attempt in range(self._retry.attempts):
            retry_after = None
            try:
                answer = self._post(body)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                reason = "the service is not reachable"
            else:
                if answer.ok:
                    return tuple(EventResult(**result) for result in answer.json()["results"])
                reason = f"the service responded with {answer.status_code}: {_detail(answer)}"
                retry_after = answer.headers.get("Retry-After")
                if not self._should_retry(answer.status_code, attempt):
                    break
            if attempt + 1 < self._retry.attempts:
                self._retry.pause(attempt, retry_after)
        raise SendError(reason, ())

    def _post(self, body: bytes) -> requests.Response:
        headers = {"Content-Type": BATCH_TYPE}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        return self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        )

    def _should_retry(self, status: int, attempt: int) -> bool:
        drop = getattr(self._token, "drop", None)
        if status == 401 and attempt == 0 and drop is not None:  # noqa: PLR2004 - unauthorized
            drop()
            return True
        return status in _RETRIED


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("detail", ""))
    except (ValueError, AttributeError):
        return ""
