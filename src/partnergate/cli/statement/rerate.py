"""``partnergate statement rerate``: rates final statements again by their own terms and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement.access import store_options
from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.statements.rerate import Compared


@click.command(name="rerate")
@click.argument("partner", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every partner.")
@store_options
def command(partner: str | None, *, everybody: bool, where: Where) -> int:
    """Rate every final statement of PARTNER again, with every fact known now and by its own terms.

    Lines whose bytes are the same need nothing. What differs becomes a correction on the next
    statement, or is billed by one already; nothing is stored here. Where no statement follows, it is
    said what to do. Exit code 8 when something differs that no statement has billed.
    """
    from partnergate.cli.statement.access import open_statements, tell_left_over
    from partnergate.errors import UsageError
    from partnergate.statements.rerate import compared

    if (partner is None) == (not everybody):
        raise UsageError("name one partner, or give --all")
    settled = True
    with open_statements(where) as access:
        for name in access.billed_partners() if everybody else (str(partner),):
            account = access.account(name)
            for one in compared(access.facts, account):
                _say(one)
                settled = settled and one.settled
            tell_left_over(access, account)
    return ExitCode.OK if settled else ExitCode.INCOMPLETE


def _say(one: Compared) -> None:
    for words in one.differences:
        click.echo(f"{one.number} {words}")
    if one.not_billed:
        click.echo(f"{one.number}: {one.not_billed} of it is not billed yet")
    elif one.billed_by and one.differences:
        click.echo(f"{one.number}: billed by {', '.join(one.billed_by)}")
    elif not one.differences:
        click.echo(f"{one.number}: the same, {counted(one.lines, 'line')}")
