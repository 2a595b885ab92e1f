"""``partnergate demo``: the main job on a real Keycloak, from partner files to draft statements."""

from __future__ import annotations

from pathlib import Path

import click

WIDTH = 120
"""Columns where there is no terminal that has some."""


@click.command(name="demo")
@click.option("--once", is_flag=True, help="End by itself instead of keeping the pages open.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The workspace with partners/ and realm_templates/.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".partnergate/demo"),
    show_default=True,
    help="Where the database, the logs and the documents go; emptied at the start.",
)
def command(root: Path, work: Path, *, once: bool) -> None:
    """Run the main job on a real Keycloak and show each step.

    Starts a Keycloak on this machine, plays three partners with identity providers of their own,
    brings the host's realm to what the files say, logs people in, reports usage and drafts
    statements. Ends with the pages open to look at, or by itself with --once.
    """
    from rich.console import Console

    from partnergate.playground.show import show

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    show(console, root=root.resolve(), work=work.resolve(), once=once)
