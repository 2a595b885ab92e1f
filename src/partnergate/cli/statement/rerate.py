"""``partnergate statement rerate``: rates finalized statements again by their own terms and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement.access import store_options
from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.statements.rerate import Compared


@click.command(name="rerate", cls=Command)
@click.argument("partner", required=False)
@click.option("--all", "every", is_flag=True, help="Rate the statements of every partner again.")
@store_options
def command(partner: str | None, *, every: bool, where: Where) -> int:
    """Rate every finalized statement of PARTNER again with the records known now and its own terms.

    Nothing is stored. A difference becomes a correction on the next statement, unless a statement
    has billed it already. If no statement follows, the command reports what to do. Exits with 8 when
    no statement has billed a difference.
    """
    from partnergate.cli.statement.access import open_statements, partners_named, warn_left_over
    from partnergate.statements.rerate import compared

    all_billed = True
    with open_statements(where) as access:
        for name in partners_named(access, partner, every=every):
            account = access.account(name)
            for one in compared(access.facts, account):
                _print(one)
                all_billed = all_billed and one.is_all_billed
            warn_left_over(access, account)
    return ExitCode.OK if all_billed else ExitCode.INCOMPLETE


def _print(one: Compared) -> None:
    for words in one.differences:
        click.echo(f"{one.number} {words}")
    if one.not_billed:
        click.echo(f"{one.number}: {one.not_billed} of the difference is not billed yet")
    elif one.billed_by and one.differences:
        click.echo(f"{one.number}: billed by {', '.join(one.billed_by)}")
    elif not one.differences:
        click.echo(f"{one.number}: no difference in {counted(one.lines, 'line')}")
