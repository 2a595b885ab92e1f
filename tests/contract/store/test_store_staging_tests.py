"""Test logins as evidence: kept once, the newest found, with what arrived as it may be shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from partnergate.signin.login_test import Mapped, MaskedClaim
from partnergate.store.sessions.staging_tests import (
    StagingTest,
    last_passed_at,
    last_test,
    record_staging_test,
)

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def made(reason="", at=AT, partner="acme"):
    return StagingTest(
        realm="host-staging", environment="staging", partner=partner, alias=partner, at=at, reason=reason
    )


def test_a_partner_without_a_test_has_no_evidence(store):
    with store.read() as connection:
        assert last_passed_at(connection, "acme") is None
        assert last_test(connection, "acme") is None


def test_a_later_failure_is_the_newest_test_and_does_not_undo_the_pass(store):
    failed = made(reason="clock_skew", at=AT + timedelta(days=1))
    with store.write() as connection:
        for test in (made(), failed, made(partner="globex", at=AT + timedelta(days=2))):
            record_staging_test(connection, test)
    with store.read() as connection:
        assert last_passed_at(connection, "acme") == AT
        assert last_test(connection, "acme") == failed
        assert (failed.passed, made().passed) == (False, True)


def test_the_same_test_is_stored_once(store):
    for _ in range(2):
        with store.write() as connection:
            record_staging_test(connection, made())
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM staging_tests").scalar() == 1


@pytest.mark.parametrize("arrived", [None, (), (MaskedClaim(name="sub", value="u*** (3 characters)"),)])
def test_the_received_claims_and_their_outcome_are_stored_as_they_were_shown(store, arrived):
    """That the claims could not be read differs from that none were received."""
    mapped = (
        Mapped(field="username", claim="sub", arrived=None, result="a*** (8 characters)"),
        Mapped(field="email", claim="email", arrived=False, result=""),
    )
    test = replace(made(), arrived=arrived, mapped=mapped)
    with store.write() as connection:
        record_staging_test(connection, test)
    with store.read() as connection:
        assert last_test(connection, "acme") == test


def test_details_are_stored_without_the_email_address_of_a_user(store):
    seen = ("the partner's page answers 200: no user <ann.b@acme.example>, try again", "signature valid")
    with store.write() as connection:
        record_staging_test(connection, replace(made(reason="unknown"), details=seen))
    with store.read() as connection:
        assert last_test(connection, "acme").details == (
            "the partner's page answers 200: no user <a***@acme.example>, try again",
            "signature valid",
        )


def test_a_test_of_an_older_version_has_no_details(store):
    with store.write() as connection:
        record_staging_test(connection, made())
        connection.exec_driver_sql("UPDATE staging_tests SET arrived = NULL, mapped = NULL, details = NULL")
    with store.read() as connection:
        assert last_test(connection, "acme") == made()
