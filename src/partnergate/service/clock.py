"""Where the service takes the time from: one clock, given with its other parts, so that any day can be shown.

The command line gives the machine's clock. Pauses and ages inside one process go by ``time.monotonic``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""The present instant, with its time zone."""
