"""Examines many files in several processes when that is faster than one process.

Files are independent, so the result is the same. A child is a fork: it shares the loaded modules, and
sends back problems and values, not trees. Each process takes the next part when it is free, so a
busy processor does not delay the others.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from partnergate.cli.realm.examined_json import examined_from_json, examined_to_json
from partnergate.language.validate import examined_in_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePosixPath

    from partnergate.language.examination import Context, Examined
    from partnergate.language.recorded.filling import RecordedFiles

    File = tuple[PurePosixPath, bytes]

_WORTH_A_PROCESS = 200
"""Number of files below which a process costs more than it saves (benchmarks/validate.py)."""
_MOST_PROCESSES = 8
_PARTS = 128
"""The number of parts that the files are split into; the number of a part is one byte in a pipe."""


class _Work(NamedTuple):
    """The parts, and the pipe with the numbers of the parts that no process has taken, one byte each."""

    parts: list[Sequence[File]]
    numbers: int
    at: Context
    beside: RecordedFiles

    def done_here(self) -> dict[int, list[Examined]]:
        """Take parts until none is left."""
        done = {}
        while number := os.read(self.numbers, 1):
            found = examined_in_turn(self.parts[number[0]], self.at, self.beside)
            done[number[0]] = [one.without_values() for one in found]
        return done


def _child(work: _Work) -> tuple[int, int]:
    """Start a process that takes parts; its ID, and the pipe with its results."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        with os.fdopen(writing, "wb") as out:
            out.write(examined_to_json(work.done_here()))
    finally:
        # The parent examines the missing parts itself, so it meets and reports the same failure.
        os._exit(0)


def _collected(process: int, reading: int) -> dict[int, list[Examined]]:
    """The results of a child; none if it did not finish."""
    with os.fdopen(reading, "rb") as source:
        content = source.read()
    os.waitpid(process, 0)
    try:
        return examined_from_json(content)
    except ValueError:
        return {}


def examined_side_by_side(files: Sequence[File], at: Context, beside: RecordedFiles) -> list[Examined]:
    """The examined files in their order, with one process per processor."""
    if sys.platform != "linux" or len(files) < 2 * _WORTH_A_PROCESS:
        return examined_in_turn(files, at, beside)
    workers = min(len(os.sched_getaffinity(0)), len(files) // _WORTH_A_PROCESS, _MOST_PROCESSES)
    if workers == 1:
        return examined_in_turn(files, at, beside)
    size = -(-len(files) // _PARTS)
    parts = [files[start : start + size] for start in range(0, len(files), size)]
    numbers, giving = os.pipe()
    os.write(giving, bytes(range(len(parts))))
    os.close(giving)
    work = _Work(parts, numbers, at, beside)
    children = [_child(work) for _ in range(workers - 1)]
    done = work.done_here()
    os.close(numbers)
    for process, reading in children:
        done |= _collected(process, reading)
    return [
        one
        for number, part in enumerate(parts)
        for one in done.get(number) or examined_in_turn(part, at, beside)
    ]
