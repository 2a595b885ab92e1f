"""``partnergate statement dispute open``: opens a dispute about a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="open", cls=Command)
@click.argument("number")
@click.argument("line", type=int)
@click.option("--name", required=True, help="Name of the person who objects.")
@click.option("--message", required=True, help="What is disputed, and why.")
@click.option("--amount", help="Disputed amount, if known.")
@store_options
def command(number: str, line: int, *, name: str, message: str, amount: str | None, where: Where) -> None:
    """Open a dispute about line LINE of the finalized statement NUMBER."""
    from partnergate.cli.audit.identity import current_actor
    from partnergate.cli.statement.access import open_statements
    from partnergate.cli.statement.dispute.entries import decimal_amount
    from partnergate.errors import StatementError
    from partnergate.statements.disputes import DisputeEntry, EntryKind, entered_name, opened
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        document = access.statements.document(number)
        if document is None:
            raise StatementError("no finalized statement has that number", target=number)
        stored = StoredDisputes(access.store, where.environment)
        entry = DisputeEntry(
            at=now(),
            kind=EntryKind.OPENED,
            name=entered_name(name),
            words=message,
            amount=decimal_amount(amount),
        )
        dispute = opened(document.statement, line, entry, stored.of_partner(document.statement.partner))
        stored.append(dispute, by=current_actor())
    click.echo(f"dispute {dispute.id} is open")
