"""Instants as the database keeps them: milliseconds as in ``events.instants``, or microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from partnergate.events.instants import from_ms, to_ms

__all__ = ["from_ms", "from_us", "to_ms", "to_us"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """An aware instant in microseconds, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The instant in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
