"""The identity of a login event, and the spans in which events may be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from datetime import datetime

EventId = NewType("EventId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A span ``[start, end)`` of which events may be lost; statements it touches are incomplete."""

    realm: str
    start: datetime
    end: datetime
    reason: str
    """``retention``, ``events_disabled``, ``events_cleared`` or ``history_changed``."""
