"""The machine's clock, for what runs against real servers, which go by it as well.

Naming it says that a test needs real time; ``scripts/lint`` keeps it out of the fast suites.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def now_ms() -> int:
    """The same in milliseconds since 1970."""
    return int(now().timestamp() * 1000)
