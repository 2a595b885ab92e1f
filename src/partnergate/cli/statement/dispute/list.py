"""``partnergate statement dispute list``: lists the disputes of a partner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.command import Command
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.statements.disputes import Dispute


@click.command(name="list", cls=Command)
@click.argument("partner")
@format_option("text", "json")
@store_options
def command(partner: str, *, kind: str, where: Where) -> None:
    """List the disputes about the statements of PARTNER."""
    from partnergate.cli.statement.access import open_statements
    from partnergate.safe_text import json_text
    from partnergate.statements.typed_json import to_json
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        found = StoredDisputes(access.store, where.environment).of_partner(partner)
    if kind == "json":
        value: list[Any] = [to_json(d) for d in found]
        click.echo(json_text(value))
        return
    for dispute in found:
        _print(dispute)
    if not found:
        click.echo("no disputes")


def _print(dispute: Dispute) -> None:
    from partnergate.safe_text import plain

    click.echo(f"{dispute.id}: {dispute.statement} line {dispute.line}, {dispute.state.value}")
    for entry in dispute.entries:
        amount = f" {entry.amount}" if entry.amount is not None else ""
        # The partner typed both into a form, so neither is trusted.
        name, message = (plain(" ".join(text.split())) for text in (entry.name, entry.words))
        click.echo(f"  {entry.at:%Y-%m-%d %H:%M} {entry.kind.value}{amount} by {name}: {message}")
