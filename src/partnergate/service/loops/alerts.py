"""Sends what is due about passed thresholds, and counts it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from prometheus_client import CollectorRegistry, Counter

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

    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Loop, Stopping
    from partnergate.statements.alerts import Threshold
    from partnergate.store.database.engine import Store
    from partnergate.store.statements.alerts import KeptAlert


class AlertMetrics:
    """What is counted of thresholds and their messages, in the registry that is given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.passed = Counter(
            "partnergate_statement_thresholds_passed",
            "Thresholds of running periods that were passed.",
            ["partner"],
            registry=registry,
        )
        self.sent = Counter(
            "partnergate_statement_webhooks",
            "Attempts to deliver a message about a threshold.",
            ["partner", "outcome"],
            registry=registry,
        )


_TIMEOUT_SECONDS = 15
_LOOK_SECONDS = 60.0
_SEND_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """What an alerts file says."""

    thresholds: tuple[Threshold, ...]
    receivers: Mapping[str, Receiver]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where a partner's messages go; the secret is never printed."""

    url: str
    secret: str


def alerting(
    settings: AlertSettings,
    store: Store,
    realm: str,
    environment: str,
    registry: CollectorRegistry,
    *,
    clock: Clock,
    look_every: float = _LOOK_SECONDS,
    send_every: float = _SEND_SECONDS,
) -> tuple[str, Loop]:
    """Looks at the running periods each minute, and tries messages that are due every few seconds."""
    metrics = AlertMetrics(registry)
    for partner in sorted({t.partner for t in settings.thresholds}):
        metrics.passed.labels(partner=partner)

    def loop(stopping: Stopping) -> None:
        kept = StoredAlerts(store, environment)
        usage = StoredUsage(store)
        looked = float("-inf")
        with requests.Session() as session:
            while not stopping.is_set():
                if time.monotonic() - looked >= look_every:
                    looked = time.monotonic()
                    note_passed(settings, kept, usage, store, realm, environment, metrics, clock())
                send_due(kept, settings.receivers, now=clock(), session=session, metrics=metrics)
                stopping.wait(send_every)

    return "statement-alerts", loop


def note_passed(  # noqa: PLR0917 - the parts of one loop
    settings: AlertSettings,
    kept: StoredAlerts,
    usage: StoredUsage,
    store: Store,
    realm: str,
    environment: str,
    metrics: AlertMetrics,
    now: datetime,
) -> int:
    """Record what was passed since it was looked last; a partner that cannot be rated holds up nobody."""
    partners = usage.partners(realm)
    facts = StoredFacts(store, realm, usage)
    statements = StoredStatements(store, environment)
    new = 0
    for partner in dict.fromkeys(t.partner for t in settings.thresholds):
        spec = partners.get(PartnerId(partner))
        if spec is None or not spec.agreements:
            log_event("alert_skipped", logging.WARNING, partner=partner, why="no agreement")
            continue
        account = Account(partner=spec, chain=statements.chain(partner))
        try:
            statement = draft(facts, account, period_at(account, now), now=now).statement
        except (StatementError, RatingError) as error:
            log_event("alert_skipped", logging.WARNING, partner=partner, why=type(error).__name__)
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
    session: requests.Session,
    metrics: AlertMetrics,
) -> tuple[int, int]:
    """Try every message that is due once; how many were taken, and how many were not."""
    taken = refused = 0
    for one in kept.due(now):
        receiver = receivers.get(one.partner)
        if receiver is None:
            continue
        error = _sent(one, receiver, now, session)
        if error:
            kept.failed(one, error, now)
            refused += 1
        else:
            kept.delivered(one.id, now)
            taken += 1
        metrics.sent.labels(partner=one.partner, outcome="failed" if error else "delivered").inc()
    return taken, refused


def _sent(one: KeptAlert, receiver: Receiver, now: datetime, session: requests.Session) -> str:
    headers = signed_headers(receiver.secret, one.id, now, one.payload)
    try:
        answer = session.post(
            receiver.url, data=one.payload, headers=headers, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        return type(error).__name__
    return "" if answer.ok else f"answered {answer.status_code}"
