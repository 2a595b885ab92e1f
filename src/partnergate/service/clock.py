"""The clock of the service. It is injected, so that tests can run on any day.

The command line injects the system clock. Intervals within one process use ``time.monotonic``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the current time, with a time zone."""
