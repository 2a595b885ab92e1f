"""Compares the number of events on the server for past days with the number of events read.

The server has no count, but checking whether a 41st event exists is one cheap request. An unchanged day
with 40 events needs only that check and one for the 40th event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.events.gaps import changed_gap

if TYPE_CHECKING:
    from partnergate.events.event_ids import Gap
    from partnergate.events.ports import Cursor, EventKeeper, EventSource

_DAY_MS: Final = 86_400_000


def days_to_check(cursor: Cursor, *, now_ms: int, days: int) -> tuple[tuple[int, int], ...]:
    """Return the UTC days that were read completely, oldest first, without spans that may have expired."""
    oldest = max(cursor.first_ms, cursor.cleared_ms)
    if cursor.settings is not None and cursor.settings.expiration_s:
        oldest = max(oldest, now_ms - cursor.settings.expiration_s * 1000 + _DAY_MS)
    last = cursor.position_ms // _DAY_MS
    found = ((day * _DAY_MS, (day + 1) * _DAY_MS) for day in range(last - days, last))
    return tuple((max(start, oldest), end) for start, end in found if end > oldest)


def check_history(
    source: EventSource, keeper: EventKeeper, realm: str, cursor: Cursor, *, now_ms: int, days: int
) -> tuple[tuple[Gap, ...], tuple[tuple[int, int], ...]]:
    """Return gaps in which events disappeared, and every day that differs from what was read."""
    gaps: list[Gap] = []
    again: list[tuple[int, int]] = []
    for start, end in days_to_check(cursor, now_ms=now_ms, days=days):
        kept = keeper.count(realm, start, end)
        if source.events(realm, start, end - 1, kept, 1):
            again.append((start, end))
        elif kept and not source.events(realm, start, end - 1, kept - 1, 1):
            again.append((start, end))
            gap = changed_gap(realm, start, end)
            gaps.extend([gap] if gap else [])
    return tuple(gaps), tuple(again)
