"""``partnergate statement show``: a final statement as it was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.output import FORMATS, locale_option

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="show")
@click.argument("number")
@format_option(*FORMATS)
@click.option("--out", type=click.Path(path_type=Path), help="A file.")
@locale_option
@store_options
def command(number: str, *, kind: str, out: Path | None, locale: str, where: Where) -> None:
    """Show the final statement or credit note NUMBER; its JSON is the file that partners check."""
    from partnergate.cli.statement.access import open_statements, standing_of
    from partnergate.cli.statement.output import Shown, show
    from partnergate.errors import StatementError

    with open_statements(where) as access:
        document = access.statements.document(number)
        if document is None:
            raise StatementError(
                "there is no final statement of that number", target=number, advice="see list"
            )
        standing = standing_of(access.account(document.statement.partner), document)
    show(
        Shown(statement=document.statement, standing=standing, seal=document.seal),
        kind=kind,
        locale=locale,
        out=out,
    )
