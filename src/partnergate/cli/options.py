"""Options that are the same wherever they stand: the workspace, and how something is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Command = TypeVar("_Command", bound="Callable[..., object]")

root_option = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The workspace; the current directory when left out.",
)


def format_option(*kinds: str, more: str = "") -> Callable[[_Command], _Command]:
    """A choice of ``kinds``, the first by default, as the argument ``kind``; ``more`` goes into its help."""
    return click.option(
        "--format",
        "kind",
        type=click.Choice(kinds),
        default=kinds[0],
        show_default=True,
        help=f"How it is written{more}.",
    )
