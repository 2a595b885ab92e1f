"""Examines many files in several processes, where that is quicker than one after the other.

Files do not depend on each other, so the result is the same. A child is a fork: it shares what is
loaded already, and sends back problems and facts, not trees.
"""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

from partnergate.spec.validation import examined_in_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import PurePosixPath

    from partnergate.spec.examination import Circumstances, Examined
    from partnergate.spec.recorded.filling import Beside

    File = tuple[PurePosixPath, bytes]

_WORTH_A_PROCESS = 200
"""Files. Below, starting a process costs more than it saves (benchmarks/validate.py)."""


def _slim(found: Examined) -> Examined:
    """Without the typed values, which validation does not need."""
    return found._replace(specs=())


def _work(files: Sequence[File], at: Circumstances, beside: Beside, out: Connection) -> None:
    out.send([_slim(found) for found in examined_in_turn(files, at, beside)])
    out.close()


def examined_side_by_side(files: Sequence[File], at: Circumstances, beside: Beside) -> list[Examined]:
    """The files in their order, examined by as many processes as there are processors."""
    workers = min(len(os.sched_getaffinity(0)), len(files) // _WORTH_A_PROCESS, 8)
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():  # noqa: PLR2004 - more than this one
        return examined_in_turn(files, at, beside)
    context = multiprocessing.get_context("fork")
    shares = [files[n::workers] for n in range(workers)]
    children = []
    for share in shares[1:]:
        receiving, sending = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(share, at, beside, sending))
        child.start()
        sending.close()
        children.append((child, receiving))
    results = [examined_in_turn(shares[0], at, beside)]
    for share, (child, receiving) in zip(shares[1:], children, strict=True):
        try:
            results.append(receiving.recv())
        except EOFError:
            results.append(examined_in_turn(share, at, beside))
        child.join()
    found = [one for result in results for one in result]
    return sorted(found, key=lambda one: one.path)
