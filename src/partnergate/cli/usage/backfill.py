"""``partnergate usage backfill``: sends a file of usage events."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.usage.destination import client_of, destination_options


@click.command(name="backfill", cls=Command)
@destination_options
@click.option("--source", default="", help="Source of events without one.")
@click.option("--type", "kind", default="", help="Type of events without one.")
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=1_000, show_default=True, help="Events per request."
)
@click.option("--restart", is_flag=True, help="Send the file from its beginning.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(
    *, url: str, issuer: str | None, client_id: str | None, source: str, kind: str, batch: int,
    restart: bool, file: Path,
) -> int:  # fmt: skip
    """Send a CSV or NDJSON file of usage events.

    A run that was stopped continues where it stopped. Exits with 8 when events were refused.
    """
    from partnergate.cli.usage.sending_file import run_backfill
    from partnergate.metering.backfill import Defaults

    with client_of(url, issuer, client_id) as client:
        done = run_backfill(
            client, file, defaults=Defaults(source=source, type=kind), batch=batch, restart=restart
        )
    for status, number in sorted(done.counts.items()):
        click.echo(f"{number:>12,} {status}")
    if not done.counts:
        click.echo(f"{file} is sent already; to send it again from its beginning, pass --restart")
    if done.problems:
        click.echo(f"refused events: {done.problems}", err=True)
    return ExitCode.INCOMPLETE if done.failed else ExitCode.OK
