"""The machine's clock, which commands read and hand down; nothing below them reads it for a result."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)
