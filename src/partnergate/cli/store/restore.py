"""``partnergate store restore``: fills an empty store from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.cli.store.files import FILE

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="restore", cls=Command)
@store_option()
@click.argument("file", type=FILE)
def command(store: str, file: Path) -> int:
    """Fill an empty store from FILE, a backup of either kind of database."""
    from partnergate.store.database.backup import read_summary, restore_backup
    from partnergate.store.database.opening import open_store

    read_summary(file)  # an unreadable file must not leave a new store behind
    with open_store(store) as opened:
        summary = restore_backup(opened, file)
        address = opened.address
    click.echo(f"{address}: {summary.rows} rows of {len(summary.tables)} tables")
    return ExitCode.OK
