"""``partnergate comment``: writes a plan as a comment on the pull or merge request of a CI job."""

from __future__ import annotations

import os
from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode


@click.command(name="comment", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> int:
    """Write FILE, the output of plan --format markdown, as one comment, and update it in later runs.

    The command runs in a GitHub or GitLab job. It reads the pull or merge request from the job's
    variables, and the token from GITHUB_TOKEN or PARTNERGATE_GITLAB_TOKEN. A job without a pull or
    merge request writes nothing.
    """
    from partnergate.cli.realm.sticky_comment import place_from, write_comment

    place = place_from(os.environ)
    if place is None:
        click.echo("No comment written: this job has no pull or merge request.")
        return ExitCode.OK
    is_new = write_comment(place, file.read_text(encoding="utf-8"))
    click.echo(f"{'Created' if is_new else 'Updated'} the plan comment.")
    return ExitCode.OK
