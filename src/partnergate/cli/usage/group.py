"""``partnergate usage``: report quantities, send events, backfill files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options
from partnergate.errors import PartnergateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.cli.statement.access import Where
    from partnergate.client import UsageClient
    from partnergate.service.api.usage_report import UsageReport

SECRET_VARIABLE = "PARTNERGATE_USAGE_CLIENT_SECRET"  # noqa: S105 - a name


@click.group(short_help="Report, send and backfill usage.")
def command() -> None:
    """Usage of partners: what was consumed, and sending what was."""


@command.command("report")
@store_options
@click.option("--partner", required=True, help="The partner's id.")
@click.option("--period", help="A month, 2026-10, or a day in the period; now when left out.")
@format_option("text", "json")
def report(*, where: Where, partner: str, period: str | None, kind: str) -> None:
    """Show what a partner used in one of its periods."""
    import json
    from datetime import UTC, datetime

    from partnergate.cli.statement.access import load_files
    from partnergate.service.api.quantities import named_instant
    from partnergate.service.api.usage_report import report_json, usage_report
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.usage.ledger import StoredUsage

    workspace = load_files(where)
    spec = next((p for p in workspace.partners if p.partner == partner), None)
    if spec is None:
        known = ", ".join(p.partner for p in workspace.partners)
        raise UsageError(f"no partner is called {partner}", advice=f"partners: {known}")
    if not spec.agreements:
        raise UsageError(f"{partner} has no agreement, so nothing is metered")
    zone = spec.agreements[0].time_zone
    instant = datetime.now(UTC) if period is None else named_instant(period, zone)
    with open_existing_store(where.store) as store:
        reader = StoredUsage(store).reader(workspace.realm.realm)
        found = usage_report(reader, spec.partner, spec.agreements, instant)
    if found is None:
        raise UsageError(
            "no agreement of the partner is in force then", target=f"{partner} {period or 'now'}"
        )
    if kind == "json":
        click.echo(json.dumps(report_json(found), indent=2))
    else:
        print_report(found, spec.name)


def print_report(found: UsageReport, name: str) -> None:
    """The report as a table."""
    from datetime import timedelta

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from partnergate.model.event_data import text_of

    last = found.end_day - timedelta(days=1)
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.title = f"{name}, {found.first_day} to {last} ({found.time_zone})"
    for heading in ("Meter", "For"):
        table.add_column(heading)
    for heading in ("Quantity", "Facts"):
        table.add_column(heading, justify="right")
    table.add_column("Not billed")
    for q in found.quantities:
        left_out = [f"{n} {reason.replace('_', ' ')}" for reason, n in q.excluded]
        if q.unmeasured:
            left_out.append(f"{q.unmeasured} without the measured field")
        table.add_row(
            q.meter,
            ", ".join(f"{k} = {v}" for k, v in q.dimensions) or "all",
            text_of(q.value),
            "" if q.facts is None else str(q.facts.count),
            ", ".join(left_out),
        )
    Console(no_color="NO_COLOR" in os.environ or None).print(table)


def sender_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where usage is sent, and as whom."""
    for option in (
        click.option(
            "--url",
            envvar="PARTNERGATE_USAGE_URL",
            required=True,
            help="The sidecar, https://sidecar.example.",
        ),
        click.option(
            "--issuer", envvar="PARTNERGATE_USAGE_ISSUER", help="The realm, https://id/realms/name."
        ),
        click.option(
            "--client-id", envvar="PARTNERGATE_USAGE_CLIENT_ID", help="The service account that may send."
        ),
    ):
        function = option(function)
    return function


def client_of(url: str, issuer: str | None, client_id: str | None) -> UsageClient:
    """A client; without an issuer it sends no token, for a service with ``--open-local``."""
    from urllib.parse import urlsplit

    from partnergate.client import ServiceAccountToken, UsageClient

    for name, address in (("--url", url), ("--issuer", issuer)):
        if address and (urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc):
            raise UsageError(f"{address} is no address of a server", target=name, advice="use https://...")
    if issuer is None:
        return UsageClient(url)
    secret = os.environ.get(SECRET_VARIABLE, "")
    if not client_id or not secret:
        raise UsageError(f"--issuer needs --client-id and the secret in {SECRET_VARIABLE}")
    return UsageClient(
        url, token=ServiceAccountToken(issuer=issuer, client_id=client_id, client_secret=secret)
    )


@command.command("send")
@sender_options
@click.option("--source", required=True, help="Who consumed; with the id the event's key for ever.")
@click.option("--type", "kind", required=True, help="What was consumed, such as task.run.")
@click.option("--subject", required=True, help="session:ID, user:ID or PARTNER:SUBJECT.")
@click.option("--id", "event_id", default="", help="The event's id; a new one when left out.")
@click.argument("data", nargs=-1, metavar="[FIELD=VALUE]...")
def send(
    *, url: str, issuer: str | None, client_id: str | None, source: str, kind: str, subject: str,
    event_id: str, data: tuple[str, ...],
) -> int:  # fmt: skip
    """Send one usage event."""
    from partnergate.client import SendError, new_event
    from partnergate.model.event_data import number_of

    fields: dict[str, Any] = {}
    for pair in data:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f'"{pair}" is not FIELD=VALUE')
        number = number_of(value)
        fields[name] = value if number is None else number
    event = new_event(source=source, type=kind, subject=subject, data=fields, id=event_id)
    with client_of(url, issuer, client_id) as client:
        try:
            (result,) = client.send([event])
        except SendError as error:
            raise PartnergateError(
                f"the event {event.id} did not arrive for certain",
                target=url,
                advice=f"send it again with --id {event.id}: it counts once however often it arrives",
            ) from error
    click.echo(f"{result.id} {result.status}" + (f": {result.detail}" if result.detail else ""))
    return ExitCode.FAILED if result.status in {"rejected", "conflict"} else ExitCode.OK


@command.command("backfill")
@sender_options
@click.option("--source", default="", help="The source of events that name none.")
@click.option("--type", "kind", default="", help="The type of events that name none.")
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=1_000, show_default=True, help="Events in one request."
)
@click.option("--restart", is_flag=True, help="Begin again instead of where the last run stopped.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def backfill(
    *, url: str, issuer: str | None, client_id: str | None, source: str, kind: str, batch: int,
    restart: bool, file: Path,
) -> int:  # fmt: skip
    """Send a CSV or NDJSON file of usage events; a run that is stopped goes on where it was."""
    from partnergate.cli.usage.backfill import run_backfill
    from partnergate.metering.backfill import Defaults

    with client_of(url, issuer, client_id) as client:
        done = run_backfill(
            client, file, defaults=Defaults(source=source, type=kind), batch=batch, restart=restart
        )
    for status, number in sorted(done.counts.items()):
        click.echo(f"{number:>12,} {status}")
    if not done.counts:
        click.echo(f"nothing is left of {file}; --restart sends it again from its beginning")
    if done.problems:
        click.echo(f"the first problems are in {done.problems}", err=True)
    return ExitCode.INCOMPLETE if done.failed else ExitCode.OK
