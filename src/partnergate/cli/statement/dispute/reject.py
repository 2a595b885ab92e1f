"""``partnergate statement dispute reject``: ends the dispute without a credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="reject", cls=Command)
@click.argument("dispute")
@click.option("--name", required=True, help="Name of the person who decides.")
@click.option("--message", required=True, help="Reason.")
@store_options
def command(dispute: str, *, name: str, message: str, where: Where) -> None:
    """End DISPUTE without a credit."""
    from partnergate.cli.statement.dispute.entries import add_entry
    from partnergate.statements.disputes import EntryKind

    add_entry(where, dispute, EntryKind.REJECTED, name=name, message=message)
