"""``partnergate statement draft``: shows the draft of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import MONTH_OR_DAY, format_option, output_option
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.output import FORMATS, locale_option

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from partnergate.cli.statement.access import Where


@click.command(name="draft", cls=Command)
@click.argument("partner", required=False)
@click.option("--all", "every", is_flag=True, help="Draft a statement for every partner with an agreement.")
@click.option(
    "--period", metavar=MONTH_OR_DAY, help="Period: 2026-10, or a day in it (default: the next one)."
)
@format_option(*FORMATS)
@output_option(description="Output file, or directory with --all.", directory=True)
@locale_option
@store_options
def command(
    partner: str | None,
    *,
    every: bool,
    period: str | None,
    kind: str,
    output: Path | None,
    locale: str,
    where: Where,
) -> int:
    """Show the draft of PARTNER's statement. Nothing is stored.

    Unattributed usage of the environment is printed to standard error; it is not part of the statement.
    Exits with 8 when a period that has ended is incomplete.
    """
    from partnergate.cli.statement.access import (
        chosen_period,
        open_statements,
        partners_named,
        warn_touched,
    )
    from partnergate.cli.statement.output import ShownStatement, show, show_unattributed
    from partnergate.errors import StatementError
    from partnergate.statements.draft import draft

    at = now()
    incomplete = False
    spans: dict[tuple[datetime, datetime], None] = {}
    with open_statements(where) as access:
        for name in partners_named(access, partner, every=every):
            account = access.account(name)
            warn_touched(account)
            try:
                chosen = chosen_period(account, period, at)
            except StatementError:
                if not every:
                    raise
                continue  # this partner had no agreement in effect
            drafted = draft(access.facts, account, chosen, now=at)
            spans[chosen.start, chosen.end] = None
            incomplete = incomplete or (bool(drafted.standing.incomplete) and at >= chosen.end)
            show(
                ShownStatement(
                    statement=drafted.statement,
                    standing=drafted.standing,
                    seal=drafted.document.seal if drafted.document else None,
                ),
                kind=kind,
                locale=locale,
                output=output,
                several=every,
            )
        for start, end in spans:
            show_unattributed(access.facts, start, end)
    return ExitCode.INCOMPLETE if incomplete else ExitCode.OK
