"""The effective usage event after its corrections, independent of the order of arrival.

A void removes the event permanently. Among amendments, the one with the latest time applies, then the
one with the greatest ID. Corrections change only data; type, time, and subject never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.metering.fact_hash import usage_identity
from partnergate.metering.usage import UsageAction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.metering.usage import UsageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveEvent:
    """A usage event as it counts, and its identity as a fact."""

    event: UsageEvent
    identity: str


def effective_event(original: UsageEvent, corrections: Iterable[UsageEvent]) -> EffectiveEvent | None:
    """Return the corrected event, or None if it is voided. ``corrections`` may be in any order."""
    found = tuple(corrections)
    if any(c.action is UsageAction.VOID for c in found):
        return None
    if not found:
        return EffectiveEvent(event=original, identity=usage_identity(original.source, original.id))
    latest = max(found, key=lambda c: (c.time, c.id))
    return EffectiveEvent(
        event=original._replace(data=latest.data),
        identity=usage_identity(original.source, original.id, latest.id),
    )


def effective_events(events: Iterable[UsageEvent]) -> tuple[EffectiveEvent, ...]:
    """Every recorded event as it counts, by (time, source, id); the events may come in any order."""
    originals: list[UsageEvent] = []
    corrections: dict[tuple[str, str], list[UsageEvent]] = {}
    for event in events:
        if event.action is UsageAction.RECORD:
            originals.append(event)
        else:
            corrections.setdefault((event.source, event.target), []).append(event)
    counted = (effective_event(e, corrections.get((e.source, e.id), ())) for e in originals)
    return tuple(
        sorted(
            (c for c in counted if c is not None), key=lambda c: (c.event.time, c.event.source, c.event.id)
        )
    )
