"""The loop that detects exceeded usage thresholds and delivers webhook messages about them."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter

from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.errors import RatingError, StatementError
from partnergate.model.partner import PartnerId
from partnergate.service.logs import log_event
from partnergate.statements.account import Account, period_at
from partnergate.statements.alerts import passed, signed_headers
from partnergate.statements.draft import draft
from partnergate.store.statements.alerts import StoredAlerts
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.finalized import StoredStatements
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partnergate.doctor.fetching import Fetcher
    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Loop, Stopping
    from partnergate.statements.alerts import Threshold
    from partnergate.store.database.engine import Store
    from partnergate.store.statements.alerts import KeptAlert


class AlertMetrics:
    """Metrics of thresholds and their messages."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.passed = Counter(
            "partnergate_statement_thresholds_passed",
            "Thresholds exceeded in the current period.",
            ["partner"],
            registry=registry,
        )
        self.sent = Counter(
            "partnergate_statement_webhooks",
            "Delivery attempts of threshold messages.",
            ["partner", "outcome"],
            registry=registry,
        )


_DELIVERED = range(200, 300)
_CHECK_SECONDS = 60.0
_SEND_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """The content of an alerts file."""

    thresholds: tuple[Threshold, ...]
    receivers: Mapping[str, Receiver]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """The webhook endpoint of a partner."""

    url: str
    secret: str = field(repr=False)


def alerting(
    settings: AlertSettings,
    store: Store,
    realm: str,
    environment: str,
    registry: CollectorRegistry,
    *,
    fetcher: Fetcher,
    clock: Clock,
    check_every: float = _CHECK_SECONDS,
    send_every: float = _SEND_SECONDS,
) -> tuple[str, Loop]:
    """Return the loop. It checks current periods every minute and sends due messages every few seconds."""
    metrics = AlertMetrics(registry)
    for partner in sorted({t.partner for t in settings.thresholds}):
        metrics.passed.labels(partner=partner)

    def loop(stopping: Stopping) -> None:
        kept = StoredAlerts(store, environment)
        usage = StoredUsage(store)
        checked_at = float("-inf")
        while not stopping.is_set():
            if time.monotonic() - checked_at >= check_every:
                checked_at = time.monotonic()
                record_passed(settings, kept, usage, store, realm, environment, metrics, clock())
            send_due(kept, settings.receivers, now=clock(), fetcher=fetcher, metrics=metrics)
            stopping.wait(send_every)

    return "statement-alerts", loop


def record_passed(  # noqa: PLR0917 - the parts of one loop
    settings: AlertSettings,
    kept: StoredAlerts,
    usage: StoredUsage,
    store: Store,
    realm: str,
    environment: str,
    metrics: AlertMetrics,
    now: datetime,
) -> int:
    """Record newly exceeded thresholds and return their number. Skips partners that cannot be rated."""
    partners = usage.partners(realm)
    facts = StoredFacts(store, realm, usage)
    statements = StoredStatements(store, environment)
    new = 0
    for partner in dict.fromkeys(t.partner for t in settings.thresholds):
        spec = partners.get(PartnerId(partner))
        if spec is None or not spec.agreements:
            log_event("alert_skipped", logging.WARNING, partner=partner, reason="no agreement")
            continue
        account = Account(partner=spec, chain=statements.chain(partner))
        try:
            statement = draft(facts, account, period_at(account, now), now=now).statement
        except (StatementError, RatingError) as error:
            log_event("alert_skipped", logging.WARNING, partner=partner, reason=type(error).__name__)
            continue
        added = kept.add(passed(statement, settings.thresholds), now)
        metrics.passed.labels(partner=partner).inc(added)
        new += added
    return new


def send_due(
    kept: StoredAlerts,
    receivers: Mapping[str, Receiver],
    *,
    now: datetime,
    fetcher: Fetcher,
    metrics: AlertMetrics,
) -> tuple[int, int]:
    """Send every due message once; return the numbers of delivered and failed messages."""
    delivered = failed = 0
    for one in kept.due(now):
        receiver = receivers.get(one.partner)
        if receiver is None:
            continue
        error = _delivery_error(one, receiver, now, fetcher)
        if error:
            kept.failed(one, error, now)
            failed += 1
        else:
            kept.delivered(one.id, now)
            delivered += 1
        metrics.sent.labels(partner=one.partner, outcome="failed" if error else "delivered").inc()
    return delivered, failed


def _delivery_error(one: KeptAlert, receiver: Receiver, now: datetime, fetcher: Fetcher) -> str:
    """Send one message; return the error, empty on success."""
    headers = signed_headers(receiver.secret, one.id, now, one.payload)
    try:
        response = fetcher.post(receiver.url, one.payload, headers=headers)
    except (FetchRefused, FetchFailed) as error:
        return str(error)
    return "" if response.status in _DELIVERED else f"status {response.status}"
