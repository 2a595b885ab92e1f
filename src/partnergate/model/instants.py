"""Instants as milliseconds (as in Keycloak events) or microseconds since 1970 in UTC, and as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


def to_ms(instant: datetime) -> int:
    """Return an aware instant in milliseconds, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the instant in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def to_us(instant: datetime) -> int:
    """Return an aware instant in microseconds, without rounding."""
    return (instant - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the instant in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def instant_text(instant: datetime) -> str:
    """Return ``2026-10-01T04:00:00Z``, with microseconds only if they are not zero.

    Raises ``TypeError`` for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise TypeError(f"instant without a time zone: {instant}")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
