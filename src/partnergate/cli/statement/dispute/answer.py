"""``partnergate statement dispute answer``: answers without ending the dispute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="answer", cls=Command)
@click.argument("dispute")
@click.option("--name", required=True, help="Name of the person who answers.")
@click.option("--message", required=True, help="The answer.")
@store_options
def command(dispute: str, *, name: str, message: str, where: Where) -> None:
    """Answer DISPUTE without ending it."""
    from partnergate.cli.statement.dispute.entries import add_entry
    from partnergate.statements.disputes import EntryKind

    add_entry(where, dispute, EntryKind.ANSWERED, name=name, message=message)
