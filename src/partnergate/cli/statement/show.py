"""``partnergate statement show``: shows a finalized statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.options import format_option, output_option
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.output import FORMATS, locale_option

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.cli.statement.access import Where


@click.command(name="show", cls=Command)
@click.argument("number")
@format_option(*FORMATS)
@output_option(description="Output file, or an existing directory.", directory=True)
@locale_option
@store_options
def command(number: str, *, kind: str, output: Path | None, locale: str, where: Where) -> None:
    """Show the finalized statement or credit note NUMBER.

    With --format json, the output is the file that partners verify.
    """
    from partnergate.cli.statement.access import open_statements, standing_of
    from partnergate.cli.statement.output import ShownStatement, show
    from partnergate.errors import StatementError

    with open_statements(where) as access:
        document = access.statements.document(number)
        if document is None:
            raise StatementError(
                "no finalized statement has that number", target=number, advice="see statement list"
            )
        standing = standing_of(access.account(document.statement.partner), document)
    show(
        ShownStatement(statement=document.statement, standing=standing, seal=document.seal),
        kind=kind,
        locale=locale,
        output=output,
    )
