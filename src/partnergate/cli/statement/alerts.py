"""``partnergate statement alerts``: sends signed webhooks for thresholds that partners passed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import secrets_dir_option
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="alerts", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--send/--no-send", default=True, help="Send the webhooks that are due, or only record them.")
@secrets_dir_option
@store_options
def command(file: Path, *, send: bool, secrets_dir: Path | None, where: Where) -> int:
    """Record the thresholds of FILE that partners passed in the current period, and send webhooks.

    FILE is YAML: for each partner the webhook (public https url, secret as {env: NAME} or {file: NAME})
    and the thresholds (usage of a line, amount, minimum_share and excluded_share in percent). Each
    threshold is sent once per period, however often the command runs. Exits with 8 when a webhook is
    not delivered yet.
    """
    from prometheus_client import CollectorRegistry

    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import chosen_period, open_statements
    from partnergate.cli.statement.alerts_file import read_alerts, webhook_fetcher
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.service.loops.alerts import AlertMetrics, send_due
    from partnergate.statements.alerts import passed
    from partnergate.statements.draft import draft
    from partnergate.store.statements.alerts import StoredAlerts

    at, new, refused, metrics = now(), 0, 0, AlertMetrics(CollectorRegistry())
    with open_statements(where) as access:
        secrets = SecretResolver(environ=os.environ, directory=secrets_dir)
        thresholds, receivers = read_alerts(file, access.workspace, secrets=secrets)
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
            fetcher = webhook_fetcher(access.workspace)
            taken, refused = send_due(kept, receivers, now=at, fetcher=fetcher, metrics=metrics)
    click.echo(f"{new} newly passed, {taken} delivered, {refused} to be retried")
    return ExitCode.INCOMPLETE if refused else ExitCode.OK
