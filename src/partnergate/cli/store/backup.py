"""``partnergate store backup``: writes the whole store to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.cli.store.files import FILE, writing
from partnergate.errors import UsageError
from partnergate.model.instants import to_ms

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="backup", cls=Command)
@store_option()
@click.argument("file", type=FILE)
def command(store: str, file: Path) -> int:
    """Write the whole store to FILE from one consistent state, while the service runs."""
    from partnergate.store.database.backup import write_backup
    from partnergate.store.database.opening import open_existing_store

    if file.exists():
        raise UsageError("the file exists already", target=str(file), advice="name a new file")
    with open_existing_store(store) as opened, writing(file):
        summary = write_backup(opened, file, made_ms=to_ms(now()))
    click.echo(f"{file}: {summary.rows} rows of {len(summary.tables)} tables")
    return ExitCode.OK
