"""``partnergate reconcile``: compares a partner's CSV with what a statement counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.options import MONTH_OR_DAY, format_option, output_option
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.statements.reconciliation.host_side import HostSide
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.records import Reconciliation

_LARGEST = 512 * 2**20
_FORMATS = ("text", "html", "csv", "json")


@click.command(name="reconcile", cls=Command)
@click.argument("partner")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--period", metavar=MONTH_OR_DAY, required=True, help="Period: 2026-10, or a day in it.")
@click.option("--line", help="Name of the line to compare; required if several lines are metered.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Column mapping file."
)
@click.option(
    "--save-mapping", type=click.Path(dir_okay=False, path_type=Path), help="File for the detected mapping."
)
@click.option(
    "--date-order",
    type=click.Choice(["day-first", "month-first"]),
    help="Order of day and month in dates such as 05/10/2026, if the host's records do not decide it.",
)
@click.option("--only-mapping", is_flag=True, help="Show and save the detected mapping without comparing.")
@format_option(*_FORMATS)
@output_option()
@store_options
def command(
    partner: str,
    file: Path,
    *,
    period: str,
    line: str | None,
    mapping: Path | None,
    save_mapping: Path | None,
    date_order: str | None,
    only_mapping: bool,
    kind: str,
    output: Path | None,
    where: Where,
) -> None:
    """Compare FILE, the records that PARTNER keeps, with what the statement of a period counts.

    FILE is a CSV with any column names. The command detects which columns are the time, user,
    session, record ID, quantity and amount, and the time zone, and shows this mapping first. To
    correct the mapping, save it with --save-mapping, edit the file, and pass it with --mapping.
    """
    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import chosen_period, open_statements
    from partnergate.statements.draft import draft
    from partnergate.statements.reconciliation.host_side import host_side
    from partnergate.statements.reconciliation.mapping import mapping_json, mapping_of, require_names
    from partnergate.statements.reconciliation.partner_csv import csv_rows
    from partnergate.store.statements.records import StoredRecords
    from partnergate.strict_json import read_limited

    head, rows = csv_rows(_content(file))
    with open_statements(where) as access:
        account = access.account(partner)
        chosen = chosen_period(account, period, now())
        statement = draft(access.facts, account, chosen, now=now()).statement
        side = host_side(StoredRecords(access.store, access.workspace.realm.realm), account, statement, line)
        if mapping is not None:
            read = mapping_of(read_limited(mapping), head)
        else:
            read = side.guess(head, rows, order=date_order or "")
            click.echo(
                "detected mapping (to correct it: --save-mapping FILE, edit the file, --mapping FILE):",
                err=True,
            )
            click.echo(mapping_json(read), nl=False, err=True)
        if save_mapping is not None:
            save_mapping.write_text(mapping_json(read), encoding="utf-8")
            click.echo(f"wrote {save_mapping}", err=True)
        if only_mapping:
            return
        require_names(read, head)
        result = side.reconcile(rows, read)
    _show(result, read, side, kind, output)


def _content(file: Path) -> bytes:
    from partnergate.errors import UsageError

    if file.stat().st_size > _LARGEST:
        raise UsageError(
            f"the partner's file has more than {_LARGEST:,} bytes",
            target=str(file),
            advice="split it by days",
        )
    return file.read_bytes()


def _show(
    result: Reconciliation, mapping: ColumnMapping, side: HostSide, kind: str, output: Path | None
) -> None:
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.private_files import open_private
    from partnergate.rendering.statement import reconciliation as rendering

    view = rendering.reconciliation_view(
        result,
        title=f"{side.statement.number}, {side.name}, compared with the partner's file",
        currency=side.statement.currency,
        mapping=rendering.mapping_pairs(mapping),
    )
    match kind:
        case "html":
            parts = iter((rendering.reconciliation_page(view),))
        case "csv":
            parts = rendering.reconciliation_csv(result)
        case "json":
            parts = rendering.reconciliation_json(result, view)
        case _:
            console = Console(width=terminal_width(), highlight=False)
            with console.capture() as captured:
                console.print(rendering.reconciliation_text(view))
            parts = iter((captured.get(),))
    if output is None:
        for part in parts:
            click.echo(part, nl=False)
    else:
        with os.fdopen(open_private(output), "w", encoding="utf-8", newline="") as opened:
            opened.writelines(parts)
        click.echo(f"wrote {output}", err=True)
