"""Sends what is due about passed thresholds, and counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from prometheus_client import Counter

from partnergate.statements.alerts import signed_headers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partnergate.store.statements_alerts import KeptAlert, StoredAlerts

PASSED = Counter(
    "partnergate_statement_thresholds_passed", "Thresholds of running periods that were passed.", ["partner"]
)
SENT = Counter(
    "partnergate_statement_webhooks",
    "Attempts to deliver a message about a threshold.",
    ["partner", "outcome"],
)
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where a partner's messages go; the secret is never printed."""

    url: str
    secret: str


def send_due(
    kept: StoredAlerts, receivers: Mapping[str, Receiver], *, now: datetime, session: requests.Session
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
        SENT.labels(partner=one.partner, outcome="failed" if error else "delivered").inc()
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
