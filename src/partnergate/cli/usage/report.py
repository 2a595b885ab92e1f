"""``partnergate usage report``: a partner's quantities in one of its periods."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import MONTH_OR_DAY, format_option
from partnergate.cli.partners import partner_named
from partnergate.cli.statement.access import store_options
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where
    from partnergate.service.api.usage_report import UsageReport


@click.command(name="report", cls=Command)
@store_options
@click.option("--partner", required=True, help="Partner ID.")
@click.option(
    "--period", metavar=MONTH_OR_DAY, help="Period: 2026-10, or a day in it (default: the current one)."
)
@format_option("text", "json")
def command(*, where: Where, partner: str, period: str | None, kind: str) -> None:
    """Show a partner's usage in a period."""
    from partnergate.cli.statement.access import load_files
    from partnergate.service.api.quantities import named_instant
    from partnergate.service.api.usage_report import report_json, usage_report
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.usage.ledger import StoredUsage

    workspace = load_files(where)
    spec = partner_named(workspace, partner)
    if not spec.agreements:
        raise UsageError(f"partner {partner} has no agreement, so nothing is metered")
    zone = spec.agreements[0].time_zone
    instant = now() if period is None else named_instant(period, zone)
    with open_existing_store(where.store) as store:
        reader = StoredUsage(store).reader(workspace.realm.realm)
        found = usage_report(reader, spec.partner, spec.agreements, instant)
    if found is None:
        raise UsageError(
            f"partner {partner} has no agreement in effect in that period", target=period or "now"
        )
    if kind == "json":
        click.echo(json.dumps(report_json(found), indent=2))
    else:
        print_report(found, spec.name)


def print_report(found: UsageReport, name: str) -> None:
    """Print the report as a table."""
    from datetime import timedelta

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from partnergate.metering.excluded_share import share_text
    from partnergate.model.event_data import text_of
    from partnergate.rendering.plain_text import cell

    last = found.end_day - timedelta(days=1)
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.title = f"{name}, {found.first_day} to {last} ({found.time_zone})"
    for heading in ("Meter", "Dimensions"):
        table.add_column(heading)
    for heading in ("Quantity", "Records"):
        table.add_column(heading, justify="right")
    table.add_column("Excluded")
    for q in found.quantities:
        left_out = [f"{n} {reason.replace('_', ' ')}" for reason, n in q.excluded]
        if q.unmeasured:
            left_out.append(f"{q.unmeasured} without the measured field")
        table.add_row(
            cell(q.meter),
            cell(", ".join(f"{k} = {v}" for k, v in q.dimensions) or "all"),
            text_of(q.value),
            "" if q.facts is None else str(q.facts.count),
            ", ".join(left_out),
        )
    console = Console(no_color="NO_COLOR" in os.environ or None)
    console.print(table)
    if found.excluded_share:
        console.print(f"Excluded from billing: {share_text(found.excluded_share)} of the records.")
