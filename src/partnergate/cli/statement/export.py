"""``partnergate statement export``: writes statements as CSV or JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import MONTH_OR_DAY, format_option, output_option
from partnergate.cli.statement.access import store_options
from partnergate.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.cli.statement.access import Where
    from partnergate.statements.statement import Statement

_FORMATS = ("lines", "groups", "focus", "json")


@click.command(name="export", cls=Command)
@click.argument("partner", required=False)
@click.option("--all", "every", is_flag=True, help="Export the statements of every partner.")
@click.option(
    "--period",
    metavar=MONTH_OR_DAY,
    help="Period: 2026-10, or a day in it, finalized or not (default: all finalized periods).",
)
@format_option(
    *_FORMATS, more=": CSV with a row per line or per usage group, CSV with FOCUS-like columns, or JSON"
)
@click.option("--issuer", default="", help="Issuer of the statements, for the FOCUS column.")
@output_option()
@store_options
def command(
    partner: str | None,
    *,
    every: bool,
    period: str | None,
    kind: str,
    issuer: str,
    output: Path | None,
    where: Where,
) -> None:
    """Export the statements of PARTNER to one file."""
    from partnergate.cli.statement.access import chosen_period, open_statements, partners_named
    from partnergate.private_files import write_private_file
    from partnergate.statements.draft import draft

    at = now()
    found: list[Statement] = []
    with open_statements(where) as access:
        for name in partners_named(access, partner, every=every):
            account = access.account(name)
            if period is None:
                found += [d.statement for d in account.chain]
            else:
                found.append(
                    draft(access.facts, account, chosen_period(account, period, at), now=at).statement
                )
    content = _content(found, kind, issuer)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    write_private_file(output, content)
    click.echo(f"wrote {output}: {counted(len(found), 'statement')}", err=True)


def _content(statements: list[Statement], kind: str, issuer: str) -> bytes:
    from partnergate.rendering.statement.csv import focus_csv, statement_csv, usage_group_csv
    from partnergate.safe_text import json_text
    from partnergate.statements.typed_json import to_json

    match kind:
        case "groups":
            return usage_group_csv(statements).encode()
        case "focus":
            return focus_csv(statements, issuer=issuer).encode()
        case "json":
            return (json_text([to_json(s) for s in statements]) + "\n").encode()
        case _:
            return statement_csv(statements).encode()
