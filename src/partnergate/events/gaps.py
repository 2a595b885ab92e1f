"""Detects spans in which events may be lost, without I/O. Gaps are recorded and never filled by estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.events.event_ids import Gap
from partnergate.model.instants import from_ms

if TYPE_CHECKING:
    from collections.abc import Collection

    from partnergate.events.ports import Cursor, StoredEvents

RETENTION: Final = "retention"
DISABLED: Final = "events_disabled"
CLEARED: Final = "events_cleared"
CHANGED: Final = "history_changed"

NEEDED_TYPES: Final = frozenset({"LOGIN", "LOGOUT"})
"""The types that attribution requires. Both are in the default list of the server."""


def keeps_logins(settings: StoredEvents) -> bool:
    """Whether the realm stores the events that attribution requires."""
    return settings.enabled and (not settings.types or settings.types >= NEEDED_TYPES)


def missing_types(settings: StoredEvents, wanted: Collection[str]) -> tuple[str, ...]:
    """Return the wanted types that the realm does not store, sorted."""
    kept = (settings.types or NEEDED_TYPES) if settings.enabled else frozenset()
    return tuple(sorted(set(wanted) - kept))


def retention_gap(realm: str, cursor: Cursor, settings: StoredEvents, now_ms: int) -> Gap | None:
    """Return the span whose events may have expired unread, after an outage longer than the retention."""
    if not settings.expiration_s:
        return None
    oldest = now_ms - settings.expiration_s * 1000
    return _gap(realm, RETENTION, cursor.position_ms, oldest)


def first_gap(realm: str, settings: StoredEvents, now_ms: int) -> Gap | None:
    """Return the span that expired before the realm was read for the first time."""
    if not settings.expiration_s:
        return None
    return _gap(realm, RETENTION, 0, now_ms - settings.expiration_s * 1000)


def disabled_gap(realm: str, cursor: Cursor, settings: StoredEvents, now_ms: int) -> Gap | None:
    """Return the span since the last known settings if events were off in it. Adjacent gaps are merged."""
    before = cursor.settings
    in_order = keeps_logins(settings) and (before is None or keeps_logins(before))
    if in_order:
        return None
    return _gap(realm, DISABLED, cursor.settings_ms if before is not None else cursor.position_ms, now_ms)


def cleared_gap(realm: str, cursor: Cursor, now_ms: int) -> Gap | None:
    """Return the span from the cursor until now, for a realm from which unexpired events were deleted.

    Events before the cursor are already stored; later ones may be lost.
    """
    return _gap(realm, CLEARED, cursor.position_ms, now_ms)


def changed_gap(realm: str, day_start_ms: int, day_end_ms: int) -> Gap | None:
    """Return the day as a gap, because the server has fewer events of it than were read."""
    return _gap(realm, CHANGED, day_start_ms, day_end_ms)


def _gap(realm: str, reason: str, start_ms: int, end_ms: int) -> Gap | None:
    if start_ms >= end_ms:
        return None
    return Gap(realm=realm, start=from_ms(start_ms), end=from_ms(end_ms), reason=reason)
