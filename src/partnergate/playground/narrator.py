"""What the demo prints: numbered steps, the commands as they are typed, facts, and times."""

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
    """A step did not do what it promises."""


@dataclass(slots=True)
class Narrator:
    """Tells one run."""

    console: Console
    times: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A numbered step; its time is printed at its end and again in the summary."""
        number = len(self.times) + 1
        self.console.print()
        self.console.rule(f"[bold]{number}  {title}", align="left")
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        self.times.append((title, seconds))
        self.console.print(f"[green]done[/green] [dim]in {seconds:.1f} s[/dim]")

    def say(self, text: str) -> None:
        """A sentence."""
        self.console.print(text, highlight=False)

    def ran(self, ran: Ran, *, expect: int = 0, lines: int = 40, head: int | None = None) -> None:
        """A command, its output (the last ``lines`` or the first ``head``), and an unexpected exit code."""
        self.console.print(Text(f"$ {ran.line}", style="bold cyan"))
        output = ran.output.rstrip().splitlines()
        shown = output[-lines:] if head is None else output[:head]
        left_out = (
            f"[dim]  ... {len(output) - len(shown)} lines more[/dim]" if len(shown) < len(output) else ""
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
                f"{ran.line} ended with exit code {ran.exit_code}, expected was {expect}",
                advice="the output above says why",
            )

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table."""
        table = Table(*columns, box=None, pad_edge=True, header_style="bold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    def expect(self, holds: bool, promise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """State a promise and whether it held; a broken one ends the demo."""
        if not holds:
            self.console.print(Text(f"  BROKEN  {promise}", style="bold red"))
            raise DemoFailedError(f"not so: {promise}")
        self.console.print(Text.assemble(("  holds   ", "green"), promise))

    def summary(self) -> None:
        """All steps with their times."""
        self.console.print()
        self.console.rule("[bold]summary", align="left")
        rows = [(str(i), title, f"{seconds:.1f} s") for i, (title, seconds) in enumerate(self.times, 1)]
        total = sum(seconds for _, seconds in self.times)
        self.table(("", "step", "time"), [*rows, ("", "all", f"{total:.1f} s")])
