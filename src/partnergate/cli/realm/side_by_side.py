"""Examines many files in several processes, where that is quicker than one after the other.

Files do not depend on each other, so the result is the same. A child is a fork: it shares what is
loaded already, and sends back problems and facts, not trees. Whoever is free takes the next few
files, so that a processor that others use as well does not hold up the rest.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING, NamedTuple

from partnergate.language.validate import examined_in_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePosixPath

    from partnergate.language.examination import Context, Examined
    from partnergate.language.recorded.filling import RecordedFiles

    File = tuple[PurePosixPath, bytes]

_WORTH_A_PROCESS = 200
"""Files. Below, starting a process costs more than it saves (benchmarks/validate.py)."""
_MOST_PROCESSES = 8
_PARTS = 128
"""Into how many parts the files are cut; the number of one is a byte in a pipe."""


class _Work(NamedTuple):
    """The parts, and the pipe whose every byte is the number of a part that nobody has taken."""

    parts: list[Sequence[File]]
    numbers: int
    at: Context
    recorded: RecordedFiles

    def done_here(self) -> dict[int, list[Examined]]:
        """Takes parts until there are none left."""
        done = {}
        while number := os.read(self.numbers, 1):
            found = examined_in_turn(self.parts[number[0]], self.at, self.recorded)
            done[number[0]] = [one.without_values() for one in found]
        return done


def _child(work: _Work) -> tuple[int, int]:
    """A process that takes parts as well: its id, and where it writes what it found."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        with os.fdopen(writing, "wb") as out:
            pickle.dump(work.done_here(), out, pickle.HIGHEST_PROTOCOL)
    finally:
        # Whatever went wrong goes wrong again in the parent, which then does the work and says so.
        os._exit(0)


def _collected(process: int, reading: int) -> dict[int, list[Examined]]:
    """What a child found; nothing when it did not come to its end."""
    with os.fdopen(reading, "rb") as source:
        content = source.read()
    os.waitpid(process, 0)
    try:
        found: dict[int, list[Examined]] = pickle.loads(content)  # noqa: S301 - written by our own fork
    except (EOFError, pickle.UnpicklingError):
        return {}
    return found


def examined_side_by_side(files: Sequence[File], at: Context, recorded: RecordedFiles) -> list[Examined]:
    """The files in their order, examined by as many processes as there are processors."""
    if sys.platform != "linux" or len(files) < 2 * _WORTH_A_PROCESS:
        return examined_in_turn(files, at, recorded)
    workers = min(len(os.sched_getaffinity(0)), len(files) // _WORTH_A_PROCESS, _MOST_PROCESSES)
    if workers == 1:
        return examined_in_turn(files, at, recorded)
    size = -(-len(files) // _PARTS)
    parts = [files[start : start + size] for start in range(0, len(files), size)]
    numbers, giving = os.pipe()
    os.write(giving, bytes(range(len(parts))))
    os.close(giving)
    work = _Work(parts, numbers, at, recorded)
    children = [_child(work) for _ in range(workers - 1)]
    done = work.done_here()
    os.close(numbers)
    for process, reading in children:
        done |= _collected(process, reading)
    return [
        one
        for number, part in enumerate(parts)
        for one in done.get(number) or examined_in_turn(part, at, recorded)
    ]
