"""``partnergate audit export``: writes the audit log with its head to a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import output_option, store_option
from partnergate.cli.store.files import writing

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="export", cls=Command)
@store_option()
@output_option(required=True, description="File to write, one entry a line.")
@click.option(
    "--key",
    envvar="PARTNERGATE_STATEMENT_KEY",
    show_envvar=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Private key from statement keygen, to sign the head.",
)
def command(store: str, *, output: Path, key: str | None) -> int:
    """Write every entry and the head of the log to a file.

    Store the file outside the database: it proves later that no entry was removed. With --key, the
    head is signed, so that the file itself cannot be changed. Exits with 1 when an entry was changed,
    removed or added; the file then contains the log as it is.
    """
    from partnergate.audit.chain import ChainCheck
    from partnergate.audit.file import audit_lines
    from partnergate.cli.clock import now
    from partnergate.cli.statement.key_files import sealing_key
    from partnergate.private_files import open_private
    from partnergate.safe_text import plain
    from partnergate.store.audit.log import StoredAudit
    from partnergate.store.database.opening import open_existing_store
    from partnergate.wording import counted

    at = now()
    private = None if key is None else sealing_key(key, at)
    number = -1  # the last line is the head
    with open_existing_store(store) as opened, writing(output), os.fdopen(open_private(output), "wb") as file:
        log = StoredAudit(opened)
        for line in audit_lines(log.contents(), at=at, private=private):
            file.write(line + b"\n")
            number += 1
        problems = list(ChainCheck().problems(log.contents()))
    signed = "" if private is None else ", signed"
    click.echo(f"{output}: {counted(number, 'audit record')}{signed}")
    if problems:
        click.echo(f"{output}: NOT as it was written; see partnergate audit verify", err=True)
        for problem in problems:
            click.echo(f"  {plain(problem)}", err=True)
    return ExitCode.FAILED if problems else ExitCode.OK
