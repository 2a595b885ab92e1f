"""``partnergate quality``: counts of missing and malformed identity data, never single people."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.command import Command
from partnergate.cli.options import MONTH_OR_DAY, format_option
from partnergate.cli.partners import partner_named
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.attribution.quality import IdentityQuality
    from partnergate.cli.statement.access import Where
    from partnergate.model.partner import PartnerSpec


@click.command(name="quality", cls=Command)
@store_options
@click.argument("partner", required=False)
@click.option(
    "--period", metavar=MONTH_OR_DAY, help="Period: 2026-10, or a day in it (default: the current month)."
)
@format_option("text", "json")
def command(*, where: Where, partner: str | None, period: str | None, kind: str) -> None:
    """Report missing and malformed identity data of PARTNER in a month (default: all partners).

    The report counts logins whose user has a missing or malformed name or email address, or an
    address outside the agreed domains. It also counts addresses with more than one subject, and days
    with a jump of new subjects. Names and addresses are never stored: the service records only which
    attributes were present, missing or malformed. For that, its account needs the role view-users.
    Logins whose profile could not be read count as not observed.
    """
    import json

    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import load_files
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.sessions.profiles import partner_quality
    from partnergate.store.sessions.quality import time_zone_of

    workspace = load_files(where)
    chosen = workspace.partners if partner is None else (partner_named(workspace, partner),)
    at = now()
    found = []
    with open_existing_store(where.store) as store, store.read() as connection:
        for spec in chosen:
            span = month_of(period, time_zone_of(spec), at)
            quality = partner_quality(
                connection,
                workspace.realm.realm,
                spec.partner,
                span,
                time_zone=time_zone_of(spec),
                agreed_domains=spec.email_domains,
            )
            found.append((spec, span, quality))
    if kind == "json":
        click.echo(json.dumps([_as_json(*one) for one in found], indent=2))
    else:
        print_quality(found)


def month_of(period: str | None, zone: str, at: datetime) -> tuple[datetime, datetime]:
    """The calendar month of ``--period`` in a partner's time zone, as a half-open span of instants."""
    from partnergate.model.days import first_instant, local_date
    from partnergate.service.api.quantities import named_instant

    first = local_date(at if period is None else named_instant(period, zone), zone).replace(day=1)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first_instant(first, zone), first_instant(after, zone)


def print_quality(found: Sequence[tuple[PartnerSpec, tuple[datetime, datetime], IdentityQuality]]) -> None:
    """Print one table per partner."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from partnergate.attribution.quality import TITLES
    from partnergate.cli.statement.access import terminal_width

    console = Console(no_color="NO_COLOR" in os.environ or None, width=terminal_width(), highlight=False)
    for spec, span, quality in found:
        table = Table(box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
        table.title = f"{spec.name}, logins since {_day(span[0], spec)}"
        table.add_column("Identity data")
        table.add_column("Count", justify="right")
        table.add_row("Logins", str(quality.logins))
        table.add_row("Logins whose profile was observed", str(quality.observed))
        for problem, number in quality.problems:
            if problem in TITLES:
                table.add_row(TITLES[problem], str(number))
        table.add_row("New subjects", str(quality.new_subjects))
        for day, number in quality.jumps:
            table.add_row(f"Jump of new subjects on {day}", str(number))
        console.print(table)


def _day(instant: datetime, spec: PartnerSpec) -> str:
    from partnergate.model.days import local_date
    from partnergate.store.sessions.quality import time_zone_of

    zone = time_zone_of(spec)
    return f"{local_date(instant, zone)} ({zone})"


def _as_json(spec: PartnerSpec, span: tuple[datetime, datetime], quality: IdentityQuality) -> dict[str, Any]:
    return {
        "partner": spec.partner,
        "start": span[0].isoformat(),
        "end": span[1].isoformat(),
        "logins": quality.logins,
        "observed": quality.observed,
        "problems": dict(quality.problems),
        "new_subjects": quality.new_subjects,
        "jumps": [{"day": day.isoformat(), "new_subjects": number} for day, number in quality.jumps],
    }
