"""``partnergate store verify``: checks a backup, or compares the derived tables with the raw events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.cli.store.files import FILE
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="verify", cls=Command)
@store_option(required=False)
@click.option("--backup", "file", type=FILE, help="Check this backup file instead of the store.")
def command(store: str | None, file: Path | None) -> int:
    """Check that every session and login follows from the raw events. Nothing is changed.

    With --backup, check the checksums of that file and leave the store alone. Exits with 8 when the
    store differs from its raw events.
    """
    if file is not None:
        return _verify_backup(file)
    if store is None:
        raise UsageError("missing option: pass --store or set PARTNERGATE_STORE, or pass --backup FILE")
    return _verify_store(store)


def _verify_backup(file: Path) -> ExitCode:
    from partnergate.store.database.backup import read_summary

    summary = read_summary(file)
    click.echo(f"{file}: {summary.rows} rows of {len(summary.tables)} tables, checksums match")
    return ExitCode.OK


def _verify_store(store: str) -> ExitCode:
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.rebuild import differs_from_raw, realms_of

    wrong = 0
    with open_existing_store(store) as opened:
        with opened.read() as connection:
            realms = realms_of(connection)
        for realm in realms:
            differs = differs_from_raw(opened, realm)
            wrong += differs
            click.echo(f"{realm}: {'differs from its raw events' if differs else 'matches its raw events'}")
    if not realms:
        click.echo("the store has no events yet")
    return ExitCode.INCOMPLETE if wrong else ExitCode.OK
