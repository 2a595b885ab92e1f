"""The progress bar of ``apply``: steps done, speed and time left. Silent without a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.applying.apply_report import Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Yield the function that updates the bar; without a terminal it does nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("applying", total=None, rate="")

        def move(progress: Progress) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:.0f} steps/s" if speed else ""
            bar.update(
                task, description=progress.current, completed=progress.done, total=progress.total, rate=rate
            )

        yield move
