"""Thresholds and the signed message about one."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from partnergate.errors import UsageError
from partnergate.statements.account import next_period
from partnergate.statements.alerts import (
    Measure,
    Threshold,
    is_signed,
    message_id,
    next_attempt,
    passed,
    payload,
    signed_headers,
)
from partnergate.statements.draft import draft

NOW = datetime(2026, 11, 3, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def statement(facts, account):
    return draft(facts, account, next_period(account), now=NOW).statement


def threshold(measure: Measure, at: str, line: str = "") -> Threshold:
    return Threshold(partner="acme", measure=measure, at=Decimal(at), line=line)


def test_a_threshold_is_passed_when_it_is_reached(statement) -> None:
    quantity = next(x.quantity for x in statement.lines if x.name == "Tasks")
    reached = threshold(Measure.USAGE, str(quantity), "Tasks")
    above = threshold(Measure.USAGE, str(quantity + 1), "Tasks")
    assert [p.threshold for p in passed(statement, (above, reached))] == [reached]
    assert passed(statement, (threshold(Measure.USAGE, "1", "No such line"),)) == ()


def test_the_share_of_the_minimum_leaves_the_true_up_out(statement) -> None:
    """Else every partner with a minimum would have reached it on the first day."""
    (one,) = passed(statement, (threshold(Measure.MINIMUM_SHARE, "50"),))
    assert Decimal(50) < one.value < Decimal(100)


@pytest.mark.parametrize(
    ("measure", "line", "words"),
    [
        (Measure.USAGE, "Tasks", "Tasks has reached 1: "),
        (Measure.AMOUNT, "", "the total has reached 1 USD: 750.00 so far"),
        (Measure.MINIMUM_SHARE, "", "the charges have reached 1 % of the minimum: "),
    ],
)
def test_a_passed_threshold_is_described_and_a_share_has_two_decimals(
    statement, measure, line, words
) -> None:
    one = replace(statement, terms=(replace(statement.terms[-1], minimum=Decimal(700)),))
    (found,) = passed(one, (threshold(measure, "1", line),))
    assert found.words().startswith(words)
    assert len(str(found.value).partition(".")[2]) <= 2


def test_the_excluded_share_counts_records_and_needs_some(statement) -> None:
    """An alarm of the host: a partner could have most of its usage excluded as that of test users."""
    measured = statement.measured[0]
    facts = replace(measured.facts, count=60)
    one = replace(statement, measured=(replace(measured, facts=facts, excluded=(("test_user", 40),)),))
    (found,) = passed(
        one, (threshold(Measure.EXCLUDED_SHARE, "40"), threshold(Measure.EXCLUDED_SHARE, "40.01"))
    )
    assert found.value == Decimal("40.00")
    assert found.words() == "the excluded records have reached 40 % of all records: 40.00 % so far"
    none = replace(statement, measured=())
    assert passed(none, (threshold(Measure.EXCLUDED_SHARE, "0"),)) == ()


def test_another_partners_threshold_is_ignored(statement) -> None:
    other = Threshold(partner="globex", measure=Measure.AMOUNT, at=Decimal(0))
    assert passed(statement, (other,)) == ()


def test_the_signature_is_the_one_that_the_specification_prints() -> None:
    """The example of the Standard Webhooks specification."""
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_takes_only_what_is_signed_and_new(statement) -> None:
    (one,) = passed(statement, (threshold(Measure.AMOUNT, "1"),))
    body = payload("production", one, NOW)
    headers = signed_headers(SECRET, message_id("production", one), NOW, body)
    assert is_signed(SECRET, headers, body, now=NOW)
    assert not is_signed(SECRET, headers, body + b" ", now=NOW)
    assert not is_signed(SECRET, headers | {"webhook-id": "msg_other"}, body, now=NOW)
    assert not is_signed(SECRET, headers, body, now=NOW + timedelta(minutes=6))
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert not is_signed(other, headers, body, now=NOW)


def test_retries_grow_and_end() -> None:
    times = []
    attempts, at = 1, NOW
    while (again := next_attempt(attempts, at)) is not None:
        times.append(again - at)
        at, attempts = again, attempts + 1
    assert times == sorted(times)
    assert len(times) == 9
    assert timedelta(days=2) < at - NOW < timedelta(days=4)


def test_a_secret_that_is_no_base64_is_refused_without_being_shown() -> None:
    with pytest.raises(UsageError) as raised:
        signed_headers("whsec_%%%", "m", NOW, b"")
    assert "%%%" not in raised.value.diagnostics()
