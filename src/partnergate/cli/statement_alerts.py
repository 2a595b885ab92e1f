"""``partnergate statement alerts``: thresholds that partners have passed, sent as signed webhooks."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement_access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement_access import Where
    from partnergate.service.statements_alerts import Receiver
    from partnergate.statements.alerts import Threshold


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

    from partnergate.cli.statement_access import chosen_period, now, open_statements
    from partnergate.service.statements_alerts import AlertMetrics, send_due
    from partnergate.statements.alerts import passed
    from partnergate.statements.drafting import draft
    from partnergate.store.statements_alerts import StoredAlerts

    thresholds, receivers = read_alerts(file, where.root)
    at, new, refused, metrics = now(), 0, 0, AlertMetrics(CollectorRegistry())
    with open_statements(where) as access:
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
                click.echo(f"{statement.number}: {one.threshold.name} is passed, {one.value}")
        taken = 0
        if send:
            with requests.Session() as session:
                taken, refused = send_due(kept, receivers, now=at, session=session, metrics=metrics)
    click.echo(f"{new} newly passed, {taken} delivered, {refused} to be tried again")
    return ExitCode.INCOMPLETE if refused else ExitCode.OK


def read_alerts(file: Path, root: Path) -> tuple[tuple[Threshold, ...], dict[str, Receiver]]:
    """The thresholds and receivers of an alerts file."""
    import yaml

    from partnergate.errors import UsageError
    from partnergate.service.statements_alerts import Receiver

    try:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UsageError("the alerts file is not YAML", target=str(file)) from error
    if not isinstance(value, dict):
        raise UsageError("the alerts file names no partner", target=str(file))
    thresholds: list[Threshold] = []
    receivers: dict[str, Receiver] = {}
    for partner, entry in value.items():
        if not isinstance(entry, dict) or entry.keys() - {"webhook", "thresholds"}:
            raise UsageError(f"{partner} has the keys webhook and thresholds, and no other", target=str(file))
        hook = entry.get("webhook")
        if hook is not None:
            receivers[partner] = Receiver(url=str(hook["url"]), secret=_secret(hook.get("secret"), root))
        thresholds += [_threshold(str(partner), t, file) for t in entry.get("thresholds", ())]
    return tuple(thresholds), receivers


def _threshold(partner: str, value: Any, file: Path) -> Threshold:
    from partnergate.errors import UsageError
    from partnergate.statements.alerts import Measure, Threshold

    try:
        at = Decimal(str(value["at"]))
        measure = Measure(value["measure"])
        line = str(value.get("line", ""))
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation):
        at, measure, line = Decimal("NaN"), Measure.AMOUNT, ""
    if not at.is_finite() or (measure is Measure.USAGE) != bool(line):
        raise UsageError(
            f"a threshold of {partner} cannot be read",
            target=str(file),
            advice='{measure: usage, line: Tasks, at: "1000"}, {measure: amount, at: "5000"}, '
            '{measure: minimum_share, at: "80"}',
        )
    return Threshold(partner=partner, measure=measure, at=at, line=line)


def _secret(value: Any, root: Path) -> str:
    from partnergate.errors import SecretError

    match value:
        case {"env": str(name)} if os.environ.get(name):
            return os.environ[name]
        case {"file": str(path)} if (root / path).is_file():
            return (root / path).read_text(encoding="utf-8").strip()
    raise SecretError("the secret of a webhook cannot be resolved", advice="{env: NAME} or {file: PATH}")
