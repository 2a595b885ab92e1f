"""A partner that counts in its own zone, or counts sign-ins that never finished, is told so."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.records import (
    Cause,
    Frame,
    HostRecord,
    HostStatus,
    PartnerRecord,
)

AT = datetime(2026, 10, 15, 12, tzinfo=UTC)
OCTOBER = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
FRAME = Frame(
    start=OCTOBER[0],
    end=OCTOBER[1],
    partner_start=OCTOBER[0],
    partner_end=OCTOBER[1],
    unit=Decimal("0.01"),
    unit_price=Decimal("0.37"),
)


def causes(row, host):
    return {c.cause: c.count for c in reconcile(row, host, FRAME).counts}


def row_at(time, **more):
    return PartnerRecord(row=2, time=time, user="ada", quantity=Decimal(1), amount=None, **more)


def host_at(time, **more):
    return HostRecord(id="h1", time=time, user="ada", quantity=Decimal(1), **more)


def test_pitfall_21_a_time_read_in_the_partners_own_zone_is_named_so():
    assert causes([row_at(AT + timedelta(hours=5, minutes=30))], [host_at(AT)]) == {Cause.TIME_ZONE: 1}


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ([host_at(AT, status=HostStatus.FAILED)], Cause.FAILED_LOGIN),
        ([], Cause.MISSING_AT_HOST),
    ],
)
def test_pitfall_21_a_sign_in_that_was_begun_and_not_finished_is_no_login_of_the_hosts(host, cause):
    assert causes([row_at(AT)], host) == {cause: 1}
