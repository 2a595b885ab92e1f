"""Instants as the database keeps them: milliseconds or microseconds."""

from __future__ import annotations

from partnergate.events.instants import from_ms, from_us, to_ms, to_us

__all__ = ["from_ms", "from_us", "to_ms", "to_us"]
