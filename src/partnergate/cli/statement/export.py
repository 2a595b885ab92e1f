"""``partnergate statement export``: statements as CSV by line or by usage group, or in FOCUS-like columns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.statements.statement import Statement

_KINDS = ("lines", "groups", "focus", "json")


@click.command(name="export")
@click.argument("partner", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every partner.")
@click.option(
    "--period", metavar="MONTH|DAY", help="Only this period, final or not; all final ones when left out."
)
@click.option(
    "--as", "kind", type=click.Choice(_KINDS), default="lines", show_default=True,
    help="A row a line, a row a usage group, a row a line in FOCUS-like columns, or JSON.",
)  # fmt: skip
@click.option("--issuer", default="", help="Who issues the statements (a FOCUS column).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@store_options
def command(
    partner: str | None,
    *,
    everybody: bool,
    period: str | None,
    kind: str,
    issuer: str,
    out: Path | None,
    where: Where,
) -> None:
    """Export the statements of PARTNER in one file."""
    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import chosen_period, open_statements
    from partnergate.errors import UsageError
    from partnergate.statements.draft import draft

    if (partner is None) == (not everybody):
        raise UsageError("name one partner, or give --all")
    at = now()
    found: list[Statement] = []
    with open_statements(where) as access:
        for name in access.billed_partners() if everybody else (str(partner),):
            account = access.account(name)
            if period is None:
                found += [d.statement for d in account.chain]
            else:
                found.append(
                    draft(access.facts, account, chosen_period(account, period, at), now=at).statement
                )
    content = _content(found, kind, issuer)
    if out is None:
        sys.stdout.buffer.write(content)
        return
    out.write_bytes(content)
    click.echo(f"wrote {out}: {len(found)} statements", err=True)


def _content(statements: list[Statement], kind: str, issuer: str) -> bytes:
    import json

    from partnergate.rendering.statement.csv import focus_csv, statement_csv, usage_group_csv
    from partnergate.statements.canonical import to_json

    match kind:
        case "groups":
            return usage_group_csv(statements).encode()
        case "focus":
            return focus_csv(statements, issuer=issuer).encode()
        case "json":
            return (
                json.dumps([to_json(s) for s in statements], indent=2, ensure_ascii=False) + "\n"
            ).encode()
        case _:
            return statement_csv(statements).encode()
