"""``partnergate statement rerate``: rates final statements again by their own terms and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement_access import store_options
from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.cli.statement_access import Where


@click.command(name="rerate")
@click.argument("partner", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every partner.")
@store_options
def command(partner: str | None, *, everybody: bool, where: Where) -> int:
    """Rate every final statement of PARTNER again, with every fact known now and by its own terms.

    Lines whose bytes are the same need nothing. What differs becomes a correction on the next
    statement; nothing is stored here. Exit code 8 when something differs.
    """
    from partnergate.cli.statement_access import open_statements
    from partnergate.errors import UsageError
    from partnergate.statements.build import statement_line
    from partnergate.statements.canonical import canonical_bytes, to_json
    from partnergate.statements.drafting import rerated

    if (partner is None) == (not everybody):
        raise UsageError("name one partner, or give --all")
    differs = 0
    with open_statements(where) as access:
        for name in access.billed_partners() if everybody else (str(partner),):
            account = access.account(name)
            for statement in account.live:
                before = differs
                now = {x.key: x for x in map(statement_line, rerated(access.facts, account, statement).lines)}
                billed = [x for x in statement.lines if x.corrects is None]
                for line in billed:
                    again = now.pop(line.key, None)
                    if again is None or canonical_bytes(
                        to_json(again) | {"number": line.number}
                    ) != canonical_bytes(to_json(line)):
                        differs += 1
                        amount = "gone" if again is None else f"{again.amount}"
                        click.echo(
                            f"{statement.number} line {line.number}, {line.name}: {line.amount} -> {amount}"
                        )
                for line in now.values():
                    differs += 1
                    click.echo(f"{statement.number} new line, {line.name}: {line.amount}")
                if differs == before:
                    click.echo(f"{statement.number}: the same, {counted(len(billed), 'line')}")
    return ExitCode.INCOMPLETE if differs else ExitCode.OK
