"""``partnergate statement dispute credit``: ends the dispute with a credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="credit", cls=Command)
@click.argument("dispute")
@click.option("--name", required=True, help="Name of the person who decides.")
@click.option("--message", required=True, help="Reason; printed beside the credit.")
@click.option("--amount", required=True, help="Amount to credit on the next statement.")
@store_options
def command(dispute: str, *, name: str, message: str, amount: str, where: Where) -> None:
    """End DISPUTE with a credit on the next statement."""
    from partnergate.cli.statement.dispute.entries import add_entry
    from partnergate.statements.disputes import EntryKind

    add_entry(where, dispute, EntryKind.CREDITED, name=name, message=message, amount=amount)
