"""``partnergate handoff``: everything a partner enters on its side, from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, root_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="handoff")
@click.argument("partner")
@click.option(
    "--environment", "-e", default="staging", show_default=True, help="The environment to connect to."
)
@root_option
@format_option("text", "markdown", "json")
def command(partner: str, environment: str, root: Path, kind: str) -> int:
    """Show what PARTNER has to set up on its side: addresses, identifiers, claims, the launch link.

    Needs no server. Holds no secret; a client secret is agreed on another way.
    """
    from rich.console import Console

    from partnergate.cli.realm.access import load_files
    from partnergate.errors import UsageError
    from partnergate.rendering.signin.handoff import handoff_json, handoff_markdown, handoff_text
    from partnergate.signin.handoff import handoff

    workspace, _ = load_files(root, environment)
    found = next((p for p in workspace.partners if p.partner == partner), None)
    if found is None:
        known = ", ".join(p.partner for p in workspace.partners)
        raise UsageError(f"no partner is called {partner}", advice=f"known: {known}")
    launch = workspace.realm.launch
    sheet = handoff(workspace.realm, found, launch_base_url=launch.base_url if launch else "")
    if kind == "json":
        click.echo(handoff_json(sheet))
    elif kind == "markdown":
        click.echo(handoff_markdown(sheet))
    else:
        Console().print(handoff_text(sheet), highlight=False, crop=False)
    return ExitCode.OK
