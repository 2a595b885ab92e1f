"""``partnergate handoff``: everything that a partner sets up on its side, from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option, format_option, root_option
from partnergate.cli.partners import partner_named

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="handoff", cls=Command)
@click.argument("partner")
@environment_option()
@root_option
@format_option("text", "markdown", "json")
def command(partner: str, environment: str, root: Path, kind: str) -> int:
    """Show what PARTNER sets up on its side: URLs, identifiers, claims and the launch link.

    The command needs no server. The sheet contains no secret; agree on a client secret separately.
    """
    from rich.console import Console

    from partnergate.cli.realm.access import load_files
    from partnergate.rendering.signin.handoff import handoff_json, handoff_markdown, handoff_text
    from partnergate.signin.handoff import handoff

    workspace, _ = load_files(root, environment)
    found = partner_named(workspace, partner)
    launch = workspace.realm.launch
    sheet = handoff(workspace.realm, found, launch_base_url=launch.base_url if launch else "")
    if kind == "json":
        click.echo(handoff_json(sheet))
    elif kind == "markdown":
        click.echo(handoff_markdown(sheet))
    else:
        Console().print(handoff_text(sheet), highlight=False, crop=False)
    return ExitCode.OK
