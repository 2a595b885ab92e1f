"""Options that mean the same for every command: workspace, environment, store, format and output file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Command = TypeVar("_Command", bound="Callable[..., object]")

ENVIRONMENT = "PARTNERGATE_ENVIRONMENT"
"""The variable that replaces ``--environment``."""
STORE = "PARTNERGATE_STORE"
"""The variable that replaces ``--store``."""
SECRETS_DIR = "PARTNERGATE_SECRETS_DIR"
"""The variable that replaces ``--secrets-dir``."""
MONTH_OR_DAY = "MONTH|DAY"
"""What ``--period`` takes: 2026-10, or a day in the period."""

root_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Workspace directory (default: the current directory).",
)


def environment_option(
    *, required: bool = True, description: str = "Environment name."
) -> Callable[[_Command], _Command]:
    """``--environment`` as the argument ``environment``, which has no default."""
    return click.option(
        "--environment",
        "-e",
        envvar=ENVIRONMENT,
        show_envvar=True,
        required=required,
        help=description,
    )


def store_option(*, required: bool = True, description: str = "Store URL.") -> Callable[[_Command], _Command]:
    """``--store`` as the argument ``store``."""
    return click.option(
        "--store",
        envvar=STORE,
        show_envvar=True,
        required=required,
        metavar="URL",
        help=description,
    )


secrets_dir_option = click.option(
    "--secrets-dir",
    envvar=SECRETS_DIR,
    show_envvar=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The only directory from which {file: NAME} secrets are read (default: none).",
)


def format_option(*kinds: str, more: str = "") -> Callable[[_Command], _Command]:
    """``--format`` as the argument ``kind``: one of ``kinds``, by default the first.

    ``more`` extends its help.
    """
    return click.option(
        "--format",
        "kind",
        type=click.Choice(kinds),
        default=kinds[0],
        show_default=True,
        help=f"Output format{more}.",
    )


def output_option(
    *,
    required: bool = False,
    description: str = "Output file (default: standard output).",
    file: bool = True,
    directory: bool = False,
) -> Callable[[_Command], _Command]:
    """``--output`` as the argument ``output``: what the command writes, a file, a directory or either."""
    return click.option(
        "--output",
        "-o",
        type=click.Path(file_okay=file, dir_okay=directory, path_type=Path),
        required=required,
        help=description,
    )
