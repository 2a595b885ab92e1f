"""``partnergate comment``: puts a plan on the pull or merge request that the job is for."""

from __future__ import annotations

import os
from pathlib import Path

import click

from partnergate.cli.exit_codes import ExitCode


@click.command(name="comment")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> int:
    """Write FILE (made by ``plan --format markdown``) as one comment, the same one each time.

    For jobs of GitHub and GitLab: where to comment comes from the variables they set, the token from
    GITHUB_TOKEN or PARTNERGATE_GITLAB_TOKEN. A job for no pull or merge request writes nothing.
    """
    from partnergate.cli.realm.sticky_comment import place_from, write_comment

    place = place_from(os.environ)
    if place is None:
        click.echo("No comment: this job is for no pull or merge request.")
        return ExitCode.OK
    is_new = write_comment(place, file.read_text(encoding="utf-8"))
    click.echo(f"{'Wrote' if is_new else 'Changed'} the comment of the plan.")
    return ExitCode.OK
