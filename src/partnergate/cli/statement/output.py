"""Writes statements to the terminal or to files, in every format."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from partnergate.statements.lifecycle import StatementStatus
    from partnergate.statements.ports import FactReader
    from partnergate.statements.seal import Seal
    from partnergate.statements.statement import Statement

FORMATS = ("text", "json", "html", "pdf", "csv")
locale_option = click.option(
    "--locale",
    default="en_US",
    show_default=True,
    help="Locale of amounts and dates in human-readable output.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStatement:
    """A statement to show."""

    statement: Statement
    standing: StatementStatus | None = None
    seal: Seal | None = None


def show(
    shown: ShownStatement, *, kind: str, locale: str, output: Path | None, several: bool = False
) -> None:
    """Print one statement, or write it to ``output``; ``several`` go into a directory, one file each."""
    if kind == "text" and output is None:
        _print_text(shown, locale)
        return
    from partnergate.private_files import write_private_file

    content = file_content(shown, kind=kind, locale=locale)
    if output is None:
        if kind == "pdf" and sys.stdout.isatty():
            from partnergate.errors import UsageError

            raise UsageError("cannot write a PDF to the terminal", advice="pass --output FILE")
        sys.stdout.buffer.write(content)
        return
    target = output
    if several or output.is_dir():
        output.mkdir(parents=True, exist_ok=True)
        target = output / f"{shown.statement.number}.{'txt' if kind == 'text' else kind}"
    write_private_file(target, content)
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


def file_content(shown: ShownStatement, *, kind: str, locale: str) -> bytes:
    """The bytes of one statement in one format."""
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


def _print_text(shown: ShownStatement, locale: str) -> None:
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.rendering.statement.text import statement_text
    from partnergate.rendering.statement.view import statement_view

    width = terminal_width()
    view = statement_view(shown.statement, standing=shown.standing, seal=shown.seal, locale=locale)
    Console(width=width, highlight=False).print(statement_text(view, width=width))


def _text(shown: ShownStatement, locale: str) -> str:
    from io import StringIO

    from rich.console import Console

    from partnergate.rendering.statement.text import statement_text
    from partnergate.rendering.statement.view import statement_view

    view = statement_view(shown.statement, standing=shown.standing, seal=shown.seal, locale=locale)
    into = StringIO()
    Console(file=into, width=100, no_color=True, highlight=False).print(statement_text(view, width=100))
    return into.getvalue()
