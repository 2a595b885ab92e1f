"""The output of the demo: numbered steps, commands as a user types them, checks, and times."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from partnergate.errors import PartnergateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from partnergate.playground.commands import Ran


class DemoFailedError(PartnergateError):
    """A step of the demo failed, or a check did."""


@dataclass(slots=True)
class Narrator:
    """Prints one run of the demo."""

    console: Console
    times: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print a numbered heading, and at the end of the step its time, which the summary repeats."""
        number = len(self.times) + 1
        self.console.print()
        self.console.rule(f"[bold]{number}  {title}", align="left")
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        self.times.append((title, seconds))
        self.console.print(f"[green]done[/green] [dim]in {seconds:.1f} s[/dim]")

    def write(self, text: str) -> None:
        """Print a sentence, which may contain rich markup."""
        self.console.print(text, highlight=False)

    def command(self, ran: Ran, *, expect: int = 0, lines: int = 40, head: int | None = None) -> None:
        """Print a command and the last ``lines`` lines of its output, or the first ``head`` lines.

        Raises ``DemoFailedError`` when its exit code is not ``expect``.
        """
        self.console.print(Text(f"$ {ran.line}", style="bold cyan"))
        output = ran.output.rstrip().splitlines()
        shown = output[-lines:] if head is None else output[:head]
        left_out = (
            f"[dim]  ... {len(output) - len(shown)} more lines[/dim]" if len(shown) < len(output) else ""
        )
        if left_out and head is None:
            self.console.print(left_out)
        for line in shown:
            self.console.print(Text.from_ansi(f"  {line}"), soft_wrap=True)
        if left_out and head is not None:
            self.console.print(left_out)
        if ran.exit_code != expect:
            for line in ran.errors.rstrip().splitlines()[-lines:]:
                self.console.print(Text.from_ansi(f"  {line}"), soft_wrap=True)
            raise DemoFailedError(
                f"{ran.line} exited with code {ran.exit_code} instead of {expect}",
                advice="see the output above",
            )

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a small table."""
        table = Table(*columns, box=None, pad_edge=True, header_style="bold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    def check(self, passed: bool, statement: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Print a statement and whether it is true. A false one raises ``DemoFailedError``."""
        if not passed:
            self.console.print(Text(f"  FAILED  {statement}", style="bold red"))
            raise DemoFailedError(f"check failed: {statement}")
        self.console.print(Text.assemble(("  passed  ", "green"), statement))

    def summary(self) -> None:
        """Print all steps with their times."""
        self.console.print()
        self.console.rule("[bold]summary", align="left")
        rows = [(str(i), title, f"{seconds:.1f} s") for i, (title, seconds) in enumerate(self.times, 1)]
        total = sum(seconds for _, seconds in self.times)
        self.table(("", "step", "time"), [*rows, ("", "total", f"{total:.1f} s")])
