"""The window of time to request next, in pure code.

A page contains the oldest events of a closed window, at most ``size``. A full page is complete up to its
last time, which may have more events: the next window begins there, and events that were already read are
skipped by ID. Offsets are not used across times, so events that appear or expire meanwhile cause no gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``start_ms <= time <= end_ms``, and the number of events to request."""

    start_ms: int
    end_ms: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """The span before the cursor that each round reads again."""

    whole_ms: int = 300_000
    """Longer than a login's transaction takes to commit, and than the clocks of two nodes differ."""
    tail_ms: int = 15_000
    """For the frequent rounds between two complete rounds."""


def first_window(position_ms: int | None, now_ms: int, *, overlap: Overlap, size: int) -> Window:
    """Return the window of a complete round: from the overlap before the cursor, or from the first event."""
    start = 0 if position_ms is None else max(0, position_ms - overlap.whole_ms)
    return Window(start_ms=min(start, now_ms), end_ms=now_ms, size=size)


def tail_window(latest_ms: int, now_ms: int, *, overlap: Overlap, size: int) -> Window:
    """Return the window of a frequent round: events that may be new since the last one that was read."""
    start = max(0, min(latest_ms, now_ms) - overlap.tail_ms)
    return Window(start_ms=start, end_ms=now_ms, size=size)


def next_window(window: Window, times: Sequence[int], size: int) -> Window | None:
    """Return the window to request after a page with these times, or None if the window is complete."""
    if len(times) < window.size:
        return None
    last = times[-1]
    if last > window.start_ms:
        return Window(start_ms=last, end_ms=window.end_ms, size=size)
    if window.size < LARGEST_PAGE:
        return Window(start_ms=window.start_ms, end_ms=window.end_ms, size=window.size * 4)
    return Window(start_ms=last + 1, end_ms=window.end_ms, size=size)


def position_after(window: Window, times: Sequence[int], *, requested_ms: int, overlap: Overlap) -> int:
    """Return the new cursor position: the end of the page, but before times that may still get events."""
    read_to = window.end_ms if len(times) < window.size else times[-1]
    return max(0, min(read_to, requested_ms - overlap.whole_ms))
