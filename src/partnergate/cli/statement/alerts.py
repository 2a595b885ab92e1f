"""``partnergate statement alerts``: thresholds that partners have passed, sent as signed webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="alerts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--send/--no-send", default=True, help="Deliver what is due; else only record it.")
@store_options
def command(file: Path, *, send: bool, where: Where) -> int:
    """Look at the running periods, record the thresholds of FILE that were passed, and send messages.

    FILE is YAML: for each partner the webhook (url, secret as {env: NAME} or {file: PATH}) and the
    thresholds (usage of a line, amount, minimum_share in percent). Each is told once a period; run
    this as often as you like. Exit code 8 when a message could not be delivered yet.
    """
    import requests
    from prometheus_client import CollectorRegistry

    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import chosen_period, open_statements
    from partnergate.cli.statement.alerts_file import read_alerts
    from partnergate.service.loops.alerts import AlertMetrics, send_due
    from partnergate.statements.alerts import passed
    from partnergate.statements.draft import draft
    from partnergate.store.statements.alerts import StoredAlerts

    at, new, refused, metrics = now(), 0, 0, AlertMetrics(CollectorRegistry())
    with open_statements(where) as access:
        thresholds, receivers = read_alerts(file, where.root, access.workspace.partners)
        kept = StoredAlerts(access.store, where.environment)
        for partner in dict.fromkeys(t.partner for t in thresholds):
            account = access.account(partner)
            statement = draft(
                access.facts, account, chosen_period(account, at.date().isoformat(), at), now=at
            ).statement
            found = passed(statement, thresholds)
            added = kept.add(found, at)
            metrics.passed.labels(partner=partner).inc(added)
            new += added
            for one in found:
                click.echo(f"{statement.number}: {one.words()}")
        taken = 0
        if send:
            with requests.Session() as session:
                taken, refused = send_due(kept, receivers, now=at, session=session, metrics=metrics)
    click.echo(f"{new} newly passed, {taken} delivered, {refused} to be tried again")
    return ExitCode.INCOMPLETE if refused else ExitCode.OK
