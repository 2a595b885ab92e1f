"""Certificates get warnings 60, 30 and 7 days before expiry, and fail afterwards."""

from datetime import UTC, datetime

import pytest

from hostile.saml import saml_key
from partnergate.doctor.certificates import certificate_findings
from partnergate.doctor.check_results import Verdict

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def findings(*keys, now=NOW):
    certificates = tuple(k if isinstance(k, str) else k.base64_der for k in keys)
    return tuple(certificate_findings("acme", certificates, now=now, where="the file"))


@pytest.mark.parametrize(
    ("days", "verdict", "text"),
    [
        (61.5, Verdict.OK, "in 61 days"),
        (60.5, Verdict.WARN, "within 60"),
        (31.5, Verdict.WARN, "within 60"),
        (30.5, Verdict.WARN, "within 30"),
        (8.5, Verdict.WARN, "within 30"),
        (7.5, Verdict.WARN, "within 7"),
        (0.5, Verdict.WARN, "in 0 days (within 7)"),
        (-0.5, Verdict.FAIL, "expired on"),
    ],
)
def test_warnings_become_more_urgent(days, verdict, text):
    (finding,) = findings(saml_key(days=days, at=NOW))
    assert (finding.verdict, finding.check) == (verdict, "saml.certificate")
    assert text in finding.detail


def test_a_weak_key_is_refused():
    (finding,) = findings(saml_key(bits=1024, at=NOW))
    assert (finding.verdict, "1024-bit" in finding.detail) == (Verdict.FAIL, True)


def test_a_certificate_that_is_not_valid_yet_is_a_warning():
    key = saml_key(at=NOW)
    (finding,) = findings(key, now=datetime(2020, 1, 1, tzinfo=UTC))
    assert (finding.verdict, "is not valid until" in finding.detail) == (Verdict.WARN, True)


def test_an_invalid_certificate_fails_and_the_next_one_is_still_checked():
    first, second = findings("bm90aGluZw==", saml_key(at=NOW))
    assert (first.verdict, second.verdict) == (Verdict.FAIL, Verdict.OK)
    assert "1 of 2" in first.detail
