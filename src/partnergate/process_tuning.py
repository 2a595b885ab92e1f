"""Settings of the Python interpreter that make a process faster. Each states for which process, and why.

Nothing else in partnergate changes the garbage collector or the switch interval.
"""

from __future__ import annotations

import gc
import sys
from typing import Final

SWITCH_SECONDS: Final = 0.0005
"""How long a thread computes before another may run. At the default of 5 ms, a thread that waits for many
small pieces behind one that parses gets each piece 5 ms late."""
_YOUNG_OBJECTS: Final = 50_000
"""New objects before a collection of the youngest generation."""


def keep_everything_until_exit() -> None:
    """Turn the garbage collector off, for a command that runs for seconds and then exits.

    What such a command allocates (nodes, resources, changes) lives as long as the command, so that a
    collection finds nothing. For ``plan``, collections took a third of the time.
    """
    gc.disable()


def skip_collection_at_exit() -> None:
    """Exclude all present objects from the collection that the interpreter makes when it exits.

    For a command that holds many objects at its end. The operating system frees them faster.
    """
    gc.freeze()


def alternate_threads_often() -> None:
    """Switch threads every 0.5 ms, for a process in which one thread parses while another reads a socket.

    ``plan`` and ``apply`` read the realm while they parse partner files: a response of a thousand chunks
    would otherwise arrive seconds late.
    """
    sys.setswitchinterval(SWITCH_SECONDS)


def tune_for_ingest() -> None:
    """Set up the process of the service, which creates thousands of short-lived objects per usage batch.

    None of them is part of a reference cycle, yet with the default thresholds a third of the processor
    time of ingest is spent on looking for cycles. What exists at the start lives as long as the service
    and is not examined again. Threads alternate often, because the database writer waits several times
    in each transaction while other threads parse.
    """
    alternate_threads_often()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
