"""Reads one realm, round by round: settings, gaps, events, history. Acts only through its ports.

Windows are closed and overlap, every event is stored once by its ID, and the cursor moves in the
transaction that stores the events before it. A crash, a second reader, or an unavailable server therefore
affect only when events are read.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.errors import KeycloakError, StoreError
from partnergate.events.gaps import (
    cleared_gap,
    disabled_gap,
    first_gap,
    keeps_logins,
    missing_types,
    retention_gap,
)
from partnergate.events.history import check_history
from partnergate.events.ports import Advance, Cursor
from partnergate.events.seen import CLOCK_GRAIN_MS, FUTURE_BOUND_MS
from partnergate.events.windows import (
    Overlap,
    Window,
    first_window,
    next_window,
    position_after,
    tail_window,
)
from partnergate.model.instants import to_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from partnergate.events.event_ids import Gap
    from partnergate.events.ports import EventKeeper, EventSource, StoredEvents
    from partnergate.events.seen import SeenEvent

_LOG: Final = logging.getLogger("partnergate.events")
_DAY_MS: Final = 86_400_000
_FAR_MS: Final = 253_402_300_799_000
_OVERLAP: Final = Overlap()
_STOP_NOTICED_S: Final = 0.2
_PAGES_REMEMBERED: Final = 4
"""A long catch-up drops older pages from memory, so that memory use is bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The intervals of the recurring tasks, in seconds, and the size of a page."""

    poll_s: float = 2.0
    whole_s: float = 60.0
    settings_s: float = 30.0
    history_s: float = 3_600.0
    oldest_s: float = 300.0
    history_days: int = 7
    page: int = 10_000
    """Large, because each page is one request, one transaction and one wait for the disk."""
    overlap: Overlap = _OVERLAP
    retry_s: float = 1.0
    retry_most_s: float = 60.0


@dataclass(slots=True, kw_only=True)
class ReaderStatus:
    """The progress of one realm's reader, for metrics and readiness. Only the reader changes it."""

    realm: str
    skew_s: float = 0.0
    """The server's clock minus the clock of this machine."""
    keeps_logins: bool = True
    missing_types: tuple[str, ...] = ()
    retention_s: int = 0
    """How long the realm stores events, by its settings; 0 means that events never expire."""
    oldest_age_s: float = 0.0
    """Age of the oldest event on the server; far above the retention if events no longer expire."""
    future: int = 0
    """Events on the server with a timestamp more than five minutes ahead of its clock."""
    gaps: int = 0
    """Gaps found since the start."""
    read: int = 0
    new: int = 0
    failures: int = 0
    """Number of consecutive failures."""
    caught_up: bool = False


class RequestedPage(NamedTuple):
    """A page of events, and the server's clock when it was requested."""

    window: Window
    requested_ms: int
    page: Sequence[SeenEvent]


@dataclass(slots=True, kw_only=True)
class EventReader:
    """The reader of one realm. One thread uses it; ``stop`` may be set from anywhere."""

    realm: str
    source: EventSource
    keeper: EventKeeper
    stop: threading.Event
    pace: Pace = Pace()
    wanted_types: Callable[[], Collection[str]] = frozenset
    """Event types that the current agreements need besides logins (``REFRESH_TOKEN``)."""
    wall: Callable[[], float]
    """This machine's clock in seconds since 1970; only its distance from the server's is reported."""
    monotonic: Callable[[], float] = time.monotonic
    status: ReaderStatus = field(init=False)
    _server_offset: float = 0.0
    _due: dict[str, float] = field(default_factory=dict)
    _recent: dict[str, int] = field(default_factory=dict)
    _latest_ms: int = 0

    def __post_init__(self) -> None:
        self.status = ReaderStatus(realm=self.realm)

    def run(self) -> None:
        """Read until ``stop`` is set. After each consecutive failure, wait longer before the next round."""
        while not self.stop.is_set():
            try:
                self.round()
                wait = self.pace.poll_s
            except (KeycloakError, StoreError) as error:
                wait = self.failed(error)
            self.stop.wait(wait)

    def failed(self, error: Exception) -> float:
        """Count a failure, discard the cached state of the store, and return the seconds to wait."""
        self.status.failures += 1
        self._recent.clear()
        self._due.clear()
        wait = min(self.pace.retry_most_s, self.pace.retry_s * 2.0 ** min(self.status.failures - 1, 16))
        self._log(
            logging.WARNING, "events_read_failed", failures=self.status.failures, error=type(error).__name__
        )
        return wait

    def round(self) -> int:
        """Run one round of all due tasks, and return the number of new events."""
        if self._is_due("settings", self.pace.settings_s):
            self._check_settings()
        new = self._read_whole() if self._is_due("whole", self.pace.whole_s) else self._read_tail()
        if not self.stop.is_set() and self._is_due("history", self.pace.history_s):
            self._check_history()
        self.status.failures = 0
        return new

    def server_now(self) -> int:
        """The server's clock in milliseconds, as last seen and carried on."""
        return int((self.monotonic() + self._server_offset) * 1000)

    def _is_due(self, what: str, every_s: float) -> bool:
        now = self.monotonic()
        if now < self._due.get(what, now):
            return False
        self._due[what] = now + every_s
        return True

    def _check_settings(self) -> None:
        before = self.wall()
        server_ms = self.source.server_time(self.realm)
        self._server_offset = server_ms / 1000 - self.monotonic()
        self.status.skew_s = server_ms / 1000 - before
        settings = self.source.settings(self.realm)
        cursor = self.keeper.cursor(self.realm)
        if cursor is None:
            self._note_gaps([self._before_first(settings, server_ms)])
        else:
            self._note_gaps(
                [
                    retention_gap(self.realm, cursor, settings, server_ms),
                    disabled_gap(self.realm, cursor, settings, server_ms),
                    self._cleared(cursor, settings.expiration_s, server_ms),
                ]
            )
        self.keeper.note_settings(self.realm, settings, server_ms)
        if not keeps_logins(settings):
            self._log(logging.ERROR, "events_disabled")
        self.status.keeps_logins = keeps_logins(settings)
        wanting = self.status.missing_types
        self.status.missing_types = missing_types(settings, self.wanted_types())
        if self.status.missing_types and self.status.missing_types != wanting:
            self._log(logging.ERROR, "event_types_missing", types=list(self.status.missing_types))
        self.status.retention_s = settings.expiration_s
        if self._is_due("oldest", self.pace.oldest_s):
            oldest = self.source.events(self.realm, 0, server_ms, 0, 1)
            self.status.oldest_age_s = max(0.0, (server_ms - oldest[0].time_ms) / 1000) if oldest else 0.0
        self._look_ahead(server_ms)

    def _before_first(self, settings: StoredEvents, now_ms: int) -> Gap | None:
        """Return the span that expired before the first reading, or None without an event that old."""
        gap = first_gap(self.realm, settings, now_ms)
        if gap is None:
            return None
        margin = min(_DAY_MS, settings.expiration_s * 100)
        return gap if self.source.events(self.realm, 0, to_ms(gap.end) + margin, 0, 1) else None

    def _cleared(self, cursor: Cursor, expiration_s: int, now_ms: int) -> Gap | None:
        """Return a gap if the last event that was read is missing but cannot have expired, else None."""
        latest = self.keeper.latest(self.realm, now_ms + FUTURE_BOUND_MS)
        if latest is None:
            return None
        event_id, at = latest
        if at < cursor.cleared_ms:
            return None
        if event_id.startswith("derived:") or (expiration_s and at <= now_ms - expiration_s * 1000 * 9 // 10):
            return None
        found = self.source.events(self.realm, at, at, 0, self.pace.page)
        if any(e.id == event_id for e in found):
            return None
        return cleared_gap(self.realm, cursor, now_ms)

    def _look_ahead(self, server_ms: int) -> None:
        """Store events with timestamps in the future, so that an operator sees them; they do not count."""
        ahead = self.source.events(
            self.realm, server_ms + FUTURE_BOUND_MS + 1_000, _FAR_MS, 0, self.pace.page
        )
        self.status.future = len(ahead)
        if ahead:
            self._log(logging.ERROR, "events_in_the_future", events=len(ahead))
            self.keeper.keep(self.realm, ahead, seen_ms=server_ms, advance=None)

    def _read_whole(self) -> int:
        """Read from the overlap before the cursor until now, and move the cursor after each page."""
        now = self.server_now()
        cursor = self.keeper.cursor(self.realm)
        position = cursor.position_ms if cursor else None
        first = first_window(position, now + CLOCK_GRAIN_MS, overlap=self.pace.overlap, size=self.pace.page)
        new, complete = 0, False
        for window, requested, page in self._pages(first):
            times = [e.time_ms for e in page]
            reached = position_after(window, times, requested_ms=requested, overlap=self.pace.overlap)
            if position is None:
                first_ms = times[0] if times else reached
                cursor = Cursor(first_ms=first_ms, position_ms=reached)
            position = max(reached, position or 0)
            advance = Advance(first_ms=cursor.first_ms if cursor else 0, position_ms=position)
            new += self._keep(page, requested, advance)
            if len(self._recent) > self.pace.page * _PAGES_REMEMBERED:
                self._forget(position)
            complete = next_window(window, times, self.pace.page) is None
            if self._is_due("settings", self.pace.settings_s):
                self._check_settings()  # a long catch-up must not delay the alarm
        self.status.caught_up = complete
        self._forget(position or 0)
        return new

    def _read_tail(self) -> int:
        """Read events since the last one without moving the cursor, and return the number of new ones."""
        now = self.server_now()
        window: Window | None = tail_window(
            self._latest_ms, now + CLOCK_GRAIN_MS, overlap=self.pace.overlap, size=self.pace.page
        )
        new = 0
        while window is not None and not self.stop.is_set():
            page = self._page(window)
            new += self._keep(page, now, None)
            window = next_window(window, [e.time_ms for e in page], self.pace.page)
        return new

    def _pages(self, window: Window) -> Iterator[RequestedPage]:
        """Yield the pages of a window. The next page is requested while one is stored."""
        coming: Future[RequestedPage] | None = None if self.stop.is_set() else self._ask(window)
        while coming is not None:
            while not wait((coming,), timeout=_STOP_NOTICED_S).done:
                if self.stop.is_set():
                    return
            found = coming.result()
            after = next_window(found.window, [e.time_ms for e in found.page], self.pace.page)
            coming = self._ask(after) if after else None
            yield found
            if self.stop.is_set():
                return

    def _ask(self, window: Window) -> Future[RequestedPage]:
        """Request a page in a separate thread, so that a stopping reader does not wait for it."""
        coming: Future[RequestedPage] = Future()

        def ask() -> None:
            try:
                coming.set_result(RequestedPage(window, self.server_now(), self._page(window)))
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits for the page
                coming.set_exception(error)

        threading.Thread(target=ask, name=f"events-ahead-{self.realm}", daemon=True).start()
        return coming

    def _page(self, window: Window) -> Sequence[SeenEvent]:
        page = self.source.events(self.realm, window.start_ms, window.end_ms, 0, window.size)
        self.status.read += len(page)
        return page

    def _keep(self, page: Sequence[SeenEvent], seen_ms: int, advance: Advance | None) -> int:
        recent = self._recent
        unseen = [e for e in page if e.id not in recent or not e.id]
        if not unseen and advance is None:
            return 0
        new = self.keeper.keep(self.realm, unseen, seen_ms=seen_ms, advance=advance)
        recent.update((e.id, e.time_ms) for e in unseen if e.id)
        if page:
            self._latest_ms = max(self._latest_ms, page[-1].time_ms)
        self.status.new += new
        return new

    def _forget(self, position_ms: int) -> None:
        """Drop the IDs of events that no later window can contain."""
        oldest = position_ms - self.pace.overlap.whole_ms
        self._recent = {k: t for k, t in self._recent.items() if t >= oldest}

    def _check_history(self) -> None:
        cursor = self.keeper.cursor(self.realm)
        if cursor is None or cursor.settings is None:
            return
        gaps, again = check_history(
            self.source,
            self.keeper,
            self.realm,
            cursor,
            now_ms=self.server_now(),
            days=self.pace.history_days,
        )
        for start, end in again:
            window: Window | None = Window(start_ms=start, end_ms=end - 1, size=self.pace.page)
            while window is not None and not self.stop.is_set():
                page = self._page(window)
                self._keep(page, self.server_now(), None)
                window = next_window(window, [e.time_ms for e in page], self.pace.page)
        self._note_gaps(gaps)

    def _note_gaps(self, gaps: Sequence[Gap | None]) -> None:
        found = [g for g in gaps if g is not None]
        for gap in found:
            self._log(logging.ERROR, "events_gap", reason=gap.reason)
        if found:
            self.status.gaps += len(found)
            self.keeper.note_gaps(found)

    def _log(self, level: int, event: str, **fields: object) -> None:
        """Log an event name and fields in the format of the service, without personal data."""
        _LOG.log(level, event, extra={"event": event, "fields": {"realm": self.realm, **fields}})
