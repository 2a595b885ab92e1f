"""``partnergate statement list``: lists the statements of one partner, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.output import locale_option

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.cli.statement.access import StatementAccess, Where


@click.command(name="list", cls=Command)
@click.argument("partner", required=False)
@format_option("text", "json")
@locale_option
@store_options
def command(partner: str | None, *, kind: str, locale: str, where: Where) -> None:
    """List the finalized statements of PARTNER, the next one and the current one (default: all partners)."""
    from partnergate.cli.statement.access import open_statements, warn_left_over
    from partnergate.safe_text import json_text

    at = now()
    with open_statements(where) as access:
        partners = access.billed_partners() if partner is None else (partner,)
        rows = [row for name in partners for row in _rows(access, name, at, locale)]
        if kind == "json":
            click.echo(json_text(rows))
        else:
            _print(rows)
        for name in partners:
            warn_left_over(access, access.account(name))


def _rows(access: StatementAccess, partner: str, at: datetime, locale: str) -> list[dict[str, Any]]:
    from partnergate.cli.statement.access import standing_of
    from partnergate.rendering.statement.view import statement_view
    from partnergate.statements.account import next_and_running
    from partnergate.statements.draft import draft

    account = access.account(partner)
    shown = [(d.statement, standing_of(account, d)) for d in account.chain]
    for period in next_and_running(account, at):
        drafted = draft(access.facts, account, period, now=at)
        shown.append((drafted.statement, drafted.standing))
    found = []
    for statement, standing in shown:
        view = statement_view(statement, standing=standing, locale=locale)
        found.append(
            {
                "number": statement.number,
                "partner": partner,
                "state": view.state,
                "first_day": statement.period.first_day.isoformat(),
                "last_day": statement.period.last_day.isoformat(),
                "total": str(statement.total),
                "currency": statement.currency,
                "shown": view.total,
                "incomplete": list(view.incomplete),
            }
        )
    return found


def _print(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from partnergate.cli.statement.access import terminal_width

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Number", overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("First day", no_wrap=True)
    table.add_column("Last day", no_wrap=True)
    table.add_column("Total", justify="right", no_wrap=True)
    for row in rows:
        state = f"{row['state']} !" if row["incomplete"] else row["state"]
        table.add_row(row["number"], state, row["first_day"], row["last_day"], row["shown"])
    Console(width=terminal_width(), highlight=False).print(table)
