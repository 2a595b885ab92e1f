"""Progress messages about slow steps. Silent unless a console is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from rich.console import Console


class Notice(Protocol):
    """Receives progress."""

    def report(self, text: str) -> None:
        """Report the current step in one line."""

    def transferred(self, done: int, total: int | None) -> None:
        """Report the bytes of the current download; the last call has ``done == total``."""


class SilentNotice:
    """Discards progress."""

    def report(self, text: str) -> None:
        """Discard the line."""

    def transferred(self, done: int, total: int | None) -> None:
        """Discard the numbers."""


class ConsoleNotice:
    """Lines and one progress bar on a rich console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None

    def report(self, text: str) -> None:
        """Print one line."""
        self._console.print(f"  [dim]{text}[/dim]", highlight=False)

    def transferred(self, done: int, total: int | None) -> None:
        """Draw the bar; without a terminal, print only its last state."""
        if self._bar is None:
            self._bar = Progress(
                TextColumn("  {task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._bar.add_task("download", total=total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        if total is not None and done >= total:
            self._bar.stop()
            self._bar = None
