"""``partnergate store export``: writes sessions, logins or usage as CSV or Parquet."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import output_option, store_option
from partnergate.cli.store.files import writing
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@click.command(name="export", cls=Command)
@store_option()
@click.argument("dataset", type=click.Choice(["sessions", "logins", "usage"]))
@output_option(required=True, description="Output file, .csv or .parquet.")
@click.option("--partner", help="Export only this partner.")
@click.option("--from", "start", type=_DAY, help="First UTC day to export.")
@click.option("--to", "end", type=_DAY, help="UTC day before which the export ends.")
def command(
    store: str,
    dataset: str,
    *,
    output: Path,
    partner: str | None,
    start: datetime | None,
    end: datetime | None,
) -> int:
    """Write sessions, logins or usage as CSV or Parquet.

    The extension of the output file selects the format. People appear as keyed hashes.
    """
    from partnergate.private_files import open_private
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.export import DATASETS, rows_of, write_csv, write_parquet

    if output.suffix not in {".csv", ".parquet"}:
        raise UsageError("unknown export format", target=str(output), advice="name a .csv or .parquet file")
    since, until = _span(start, end)
    what = DATASETS[dataset]
    with open_existing_store(store) as opened, writing(output), opened.read() as connection:
        parts = rows_of(connection, what, since, until, partner)
        if output.suffix == ".parquet":
            os.close(open_private(output))
            number = write_parquet(parts, what, output)
        else:
            with os.fdopen(open_private(output), "w", encoding="utf-8", newline="") as file:
                number = write_csv(parts, what, file)
    click.echo(f"{output}: {number} {dataset}")
    return ExitCode.OK


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    since = (start or datetime(1970, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - the zone follows
    until = (end or datetime(9999, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001
    if since >= until:
        raise UsageError("--to must be after --from", target=f"--from {since:%Y-%m-%d} --to {until:%Y-%m-%d}")
    return since, until
