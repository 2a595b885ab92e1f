"""``partnergate statement draft``: what a statement says now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.output import FORMATS, locale_option

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.cli.statement.access import Where


@click.command(name="draft")
@click.argument("partner", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every partner with an agreement.")
@click.option(
    "--period", metavar="MONTH|DAY", help="2026-10, or a day in the period; the next one when left out."
)
@format_option(*FORMATS)
@click.option("--out", type=click.Path(path_type=Path), help="A file, or with --all a directory.")
@locale_option
@store_options
def command(
    partner: str | None,
    *,
    everybody: bool,
    period: str | None,
    kind: str,
    out: Path | None,
    locale: str,
    where: Where,
) -> int:
    """Show the statement of PARTNER as it is now; nothing is stored.

    Unattributed usage of the environment is printed to standard error, and is no part of the statement.
    """
    from partnergate.cli.statement.access import chosen_period, now, open_statements, tell_touched
    from partnergate.cli.statement.output import Shown, show, show_unattributed
    from partnergate.errors import StatementError, UsageError
    from partnergate.statements.draft import draft

    if (partner is None) == (not everybody):
        raise UsageError("name one partner, or give --all")
    at = now()
    incomplete = False
    spans: dict[tuple[datetime, datetime], None] = {}
    with open_statements(where) as access:
        partners = access.billed_partners() if everybody else (str(partner),)
        for name in partners:
            account = access.account(name)
            tell_touched(account)
            try:
                chosen = chosen_period(account, period, at)
            except StatementError:
                if not everybody:
                    raise
                continue  # no agreement of this partner was in force then
            drafted = draft(access.facts, account, chosen, now=at)
            spans[chosen.start, chosen.end] = None
            incomplete = incomplete or (bool(drafted.standing.incomplete) and at >= chosen.end)
            show(
                Shown(
                    statement=drafted.statement,
                    standing=drafted.standing,
                    seal=drafted.document.seal if drafted.document else None,
                ),
                kind=kind,
                locale=locale,
                out=out,
                several=everybody,
            )
        for start, end in spans:
            show_unattributed(access.facts, start, end)
    return ExitCode.INCOMPLETE if incomplete else ExitCode.OK
