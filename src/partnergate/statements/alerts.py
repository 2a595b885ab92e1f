"""Alert thresholds of a partner's current period, and the webhook message for each threshold that is passed.

A threshold is passed at most once in a period. Messages are signed as the Standard Webhooks specification
describes. This module does not send them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from partnergate.canonical_json import canonical_bytes
from partnergate.errors import UsageError
from partnergate.metering.excluded_share import share_of_quantities
from partnergate.model.decimals import CONTEXT, decimal_text
from partnergate.model.instants import instant_text
from partnergate.pricing.rated import LineKind
from partnergate.statements.typed_json import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.statements.statement import Statement

_HUNDRED = Decimal(100)
_SHARE_PLACES = Decimal("0.01")
_PREFIX = "whsec_"
_RETRIES = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds after each failed attempt; together about three days."""
TOLERANCE = timedelta(minutes=5)
"""How far the message's timestamp may differ from the receiver's clock."""


class Measure(StrEnum):
    """The value that a threshold is compared with."""

    USAGE = "usage"
    """The quantity of a line."""
    AMOUNT = "amount"
    """The total of the statement."""
    MINIMUM_SHARE = "minimum_share"
    """The charges as a percentage of the minimum for the period."""
    EXCLUDED_SHARE = "excluded_share"
    """The excluded records as a percentage of all records: an alarm for the host."""


_PERCENTAGES = frozenset({Measure.MINIMUM_SHARE, Measure.EXCLUDED_SHARE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The value at which a partner receives an alert."""

    partner: str
    measure: Measure
    at: Decimal
    line: str = ""
    """For usage: the line's name."""

    @property
    def name(self) -> str:
        """The stable identity of the threshold."""
        return f"{self.measure.value}:{self.line}:{decimal_text(self.at)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A threshold that the statement has reached."""

    threshold: Threshold
    statement: str
    period_start: datetime
    value: Decimal
    """The current value; a percentage is truncated to two decimals."""
    currency: str

    def words(self) -> str:
        """Return the text of the alert."""
        at, value = decimal_text(self.threshold.at), decimal_text(self.value)
        match self.threshold.measure:
            case Measure.USAGE:
                return f"{self.threshold.line} has reached {at}: {value} so far"
            case Measure.AMOUNT:
                return f"the total has reached {at} {self.currency}: {self.value} so far"
            case Measure.MINIMUM_SHARE:
                return f"the charges have reached {at} % of the minimum: {value} % so far"
            case Measure.EXCLUDED_SHARE:
                return f"the excluded records have reached {at} % of all records: {value} % so far"
            case _:
                assert_never(self.threshold.measure)


def reached(statement: Statement, threshold: Threshold) -> Decimal | None:
    """Return the statement's value of the measure, or None if the measure does not apply to it."""
    lines = [x for x in statement.lines if x.corrects is None]
    match threshold.measure:
        case Measure.USAGE:
            found = [x.quantity for x in lines if x.name == threshold.line and x.kind is LineKind.USAGE]
            return sum(found, Decimal(0)) if found else None
        case Measure.AMOUNT:
            return statement.total
        case Measure.MINIMUM_SHARE:
            minimum = statement.terms[-1].minimum
            if not minimum:
                return None
            earned = (x.amount for x in lines if x.kind in (LineKind.FLAT, LineKind.USAGE))
            return sum(earned, Decimal(0)) * _HUNDRED / minimum
        case Measure.EXCLUDED_SHARE:
            return share_of_quantities(statement.measured)


def passed(statement: Statement, thresholds: Sequence[Threshold]) -> tuple[Passed, ...]:
    """Return the thresholds that the statement has reached, lowest first."""
    found = []
    for threshold in thresholds:
        if threshold.partner != statement.partner:
            continue
        value = reached(statement, threshold)
        if value is not None and value >= threshold.at:
            found.append(
                Passed(
                    threshold=threshold,
                    statement=statement.number,
                    period_start=statement.period.start,
                    value=_shown(value, threshold.measure),
                    currency=statement.currency,
                )
            )
    return tuple(sorted(found, key=lambda p: (p.threshold.measure, p.threshold.line, p.threshold.at)))


def _shown(value: Decimal, measure: Measure) -> Decimal:
    if measure not in _PERCENTAGES:
        return value
    return value.quantize(_SHARE_PLACES, rounding=ROUND_DOWN, context=CONTEXT)


def message_id(environment: str, one: Passed) -> str:
    """Return an ID that is equal for the same threshold and period, so that a receiver can detect repeats."""
    content = [environment, one.threshold.partner, instant_text(one.period_start), one.threshold.name]
    return f"msg_{sha256_hex(canonical_bytes(content))[:32]}"


def payload(environment: str, one: Passed, at: datetime) -> bytes:
    """Return the body of the webhook message as canonical JSON."""
    value: dict[str, Any] = {
        "type": "statement.threshold_passed",
        "timestamp": instant_text(at),
        "data": {
            "environment": environment,
            "partner": one.threshold.partner,
            "statement": one.statement,
            "measure": one.threshold.measure.value,
            "line": one.threshold.line or None,
            "threshold": decimal_text(one.threshold.at),
            "value": decimal_text(one.value),
        },
    }
    return canonical_bytes(value)


def signed_headers(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the Standard Webhooks headers: ID, timestamp, ``v1`` HMAC-SHA256 over both and the body."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(secret, message, stamp, body)}",
        "content-type": "application/json",
    }


def is_signed(secret: str, headers: dict[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether a receiver accepts the message: a signature is valid, and the timestamp is recent."""
    stamp = headers.get("webhook-timestamp", "")
    if (
        not stamp.isascii()
        or not stamp.isdigit()
        or abs(int(stamp) - now.timestamp()) > TOLERANCE.total_seconds()
    ):
        return False
    wanted = _signature(secret, headers.get("webhook-id", ""), stamp, body)
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{wanted}", one) for one in given)


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return the time of the next attempt after ``attempts`` failed ones, or None after the last one."""
    if attempts > len(_RETRIES):
        return None
    return at + timedelta(seconds=_RETRIES[attempts - 1])


def _signature(secret: str, message: str, stamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise UsageError("the webhook secret is not valid base64 after whsec_") from error
    signed = b".".join((message.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
