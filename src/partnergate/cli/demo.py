"""``partnergate demo``: runs the demo on a real Keycloak, from partner files to draft statements."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.options import root_option

WIDTH = 120
"""Columns of the output without a terminal."""


@click.command(name="demo", cls=Command)
@click.option("--once", is_flag=True, help="Exit at the end instead of keeping the pages open.")
@root_option
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".partnergate/demo"),
    show_default=True,
    help="Directory for the database, logs and documents; emptied at the start.",
)
def command(root: Path, work: Path, *, once: bool) -> None:
    """Run the demo on a real Keycloak and show each step.

    The demo starts a Keycloak on this machine, simulates three partners with their own identity
    providers, applies the files to the host's realm, logs people in, reports usage and drafts
    statements. It keeps the pages open until it is interrupted; with --once, it exits at the end.
    """
    from rich.console import Console

    from partnergate.playground.show import show

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    show(console, root=root.resolve(), work=work.resolve(), once=once)
