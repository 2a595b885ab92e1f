"""Checks of the host that need no server: the age of the advisories, and what the egress test concludes."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from typing import Any

import pytest

from builders.realms import realm_spec
from partnergate.doctor.check_results import Verdict
from partnergate.doctor.egress import egress_finding, private_address
from partnergate.doctor.host import host_findings
from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakError,
    KeycloakForbiddenError,
    KeycloakServerError,
    KeycloakUnreachableError,
    UsageError,
)
from partnergate.planning.advisories import AdvisoryTable

LOOPBACK = ip_address("127.0.0.1")


class Realm:
    """A realm of one version; ``failure`` is what it answers to an import."""

    def __init__(self, failure: KeycloakError | None = None) -> None:
        self.failure = failure

    def get_or_none(self, _path: str) -> Any:
        return {}

    def get(self, path: str, **_: Any) -> Any:
        return {"systemInfo": {"version": "26.7.5"}} if path == "/admin/serverinfo" else {}

    def post_for_json(self, _path: str, _body: Any, *, read_seconds: float) -> Any:
        assert read_seconds
        if self.failure:
            raise self.failure
        return {}


@pytest.mark.parametrize(
    ("today", "verdict", "words"),
    [
        (date(2026, 11, 25), Verdict.OK, "is 1 day old (2026-11-24)"),
        (date(2027, 2, 22), Verdict.OK, "is 90 days old"),
        (date(2027, 2, 23), Verdict.WARN, "is 91 days old"),
        (date(2026, 11, 23), Verdict.WARN, "in the future"),
    ],
)
def test_an_old_table_of_advisories_is_a_warning(today: date, verdict: Verdict, words: str) -> None:
    """A version that was installed long ago knows nothing of what came since, and would report no problem."""
    table = AdvisoryTable(format_version=1, published=date(2026, 11, 24), advisories=())
    found = host_findings(Realm(), realm_spec(), advisories=table, today=today)  # type: ignore[arg-type]
    (age,) = (f for f in found if f.check == "host.advisories")
    assert age.verdict is verdict
    assert words in age.detail


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        (None, Verdict.OK),
        (KeycloakServerError("could not connect"), Verdict.OK),
        (KeycloakAnswerLostError("no response in time", timed_out=True), Verdict.OK),
        (KeycloakUnreachableError("no connection"), Verdict.SKIPPED),
        (KeycloakForbiddenError("the account is missing a role"), Verdict.SKIPPED),
    ],
)
def test_the_egress_rule_holds_when_nothing_arrives(failure: KeycloakError | None, verdict: Verdict) -> None:
    assert egress_finding(Realm(failure), LOOPBACK).verdict is verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["8.8.8.8", "example.com", "0.0.0.0", "::"])
def test_the_egress_test_needs_a_private_address(text: str) -> None:
    with pytest.raises(UsageError):
        private_address(text)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot listen on"):
        egress_finding(Realm(), ip_address("10.255.255.1"))  # type: ignore[arg-type]
