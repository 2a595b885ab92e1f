"""Statements to the terminal or to files, in every format."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from partnergate.statements.lifecycle import Standing
    from partnergate.statements.ports import FactReader
    from partnergate.statements.seal import Seal
    from partnergate.statements.statement import Statement

FORMATS = ("text", "json", "html", "pdf", "csv")
locale_option = click.option(
    "--locale", default="en_US", show_default=True, help="How amounts are written for people."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A statement to be shown."""

    statement: Statement
    standing: Standing | None = None
    seal: Seal | None = None


def show(shown: Shown, *, kind: str, locale: str, out: Path | None, several: bool = False) -> None:
    """Print one statement, or write it to ``out``; several go into a directory, each in a file."""
    if kind == "text" and out is None:
        _print_text(shown, locale)
        return
    content = file_content(shown, kind=kind, locale=locale)
    if out is None:
        if kind == "pdf" and sys.stdout.isatty():
            from partnergate.errors import UsageError

            raise UsageError("a PDF is not for the terminal", advice="give --out FILE")
        sys.stdout.buffer.write(content)
        return
    target = out
    if several or out.is_dir():
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{shown.statement.number}.{'txt' if kind == 'text' else kind}"
    target.write_bytes(content)
    click.echo(f"wrote {target}", err=True)


def show_unattributed(facts: FactReader, start: datetime, end: datetime) -> None:
    """Print the unattributed usage of the environment to standard error, for operators."""
    from partnergate.statements.unattributed import unattributed_usage

    counts = unattributed_usage(facts, start, end)
    if not counts:
        return
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.rendering.statement.text import unattributed_text

    console = Console(stderr=True, width=terminal_width(), highlight=False)
    console.print(unattributed_text(counts, start=start, end=end))


def file_content(shown: Shown, *, kind: str, locale: str) -> bytes:
    """One statement in one format."""
    from partnergate.rendering.statement.view import statement_view

    view = statement_view(shown.statement, standing=shown.standing, seal=shown.seal, locale=locale)
    match kind:
        case "json":
            from partnergate.statements.document import statement_file

            return statement_file(shown.statement, shown.seal)
        case "html":
            from partnergate.rendering.statement.html import statement_page

            return statement_page(view).encode()
        case "pdf":
            from partnergate.rendering.statement.fonts import is_left_to_right
            from partnergate.rendering.statement.pdf import statement_pdf

            if not is_left_to_right(view.locale):
                return file_content(shown, kind=kind, locale="en_US")
            return statement_pdf(view)
        case "csv":
            from partnergate.rendering.statement.csv import statement_csv

            return statement_csv((shown.statement,)).encode()
        case _:
            return _text(shown, locale).encode()


def _print_text(shown: Shown, locale: str) -> None:
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.rendering.statement.text import statement_text
    from partnergate.rendering.statement.view import statement_view

    width = terminal_width()
    view = statement_view(shown.statement, standing=shown.standing, seal=shown.seal, locale=locale)
    Console(width=width, highlight=False).print(statement_text(view, width=width))


def _text(shown: Shown, locale: str) -> str:
    from io import StringIO

    from rich.console import Console

    from partnergate.rendering.statement.text import statement_text
    from partnergate.rendering.statement.view import statement_view

    view = statement_view(shown.statement, standing=shown.standing, seal=shown.seal, locale=locale)
    into = StringIO()
    Console(file=into, width=100, no_color=True, highlight=False).print(statement_text(view, width=100))
    return into.getvalue()
