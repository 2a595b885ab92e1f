"""Checks a partner's certificates: validity dates and key strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.model.certificates import certificate_facts
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from partnergate.model.certificates import CertificateFacts

WARN_DAYS: Final = (60, 30, 7)
"""Days before expiry at which the warning becomes more urgent."""
_SMALLEST_RSA: Final = 2048


def certificate_findings(
    alias: str, certificates: tuple[str, ...], *, now: datetime, where: str
) -> Iterator[CheckResult]:
    """Yield one finding per certificate. ``where`` names the list that the certificates come from."""
    for number, text in enumerate(certificates, start=1):
        subject = f"certificate {number} of {len(certificates)} in {where}"
        facts = certificate_facts(text)
        if facts is None:
            verdict, detail = Verdict.FAIL, f"{subject} cannot be read"
            advice = "provide the certificate as base64-encoded DER or as PEM"
        else:
            verdict, detail, advice = _assessment(subject, facts, now)
        yield CheckResult(
            check="saml.certificate", subject=alias, verdict=verdict, detail=detail, advice=advice
        )


def _assessment(subject: str, facts: CertificateFacts, now: datetime) -> tuple[Verdict, str, str]:
    """Return verdict, detail and advice for one readable certificate."""
    end = f"{facts.not_after:%Y-%m-%d}"
    named = f"{subject} ({facts.subject})"
    if facts.not_after <= now:
        return Verdict.FAIL, f"{named} expired on {end}", "add the new certificate next to it"
    if facts.not_before > now:
        begin = f"{facts.not_before:%Y-%m-%d}"
        return Verdict.WARN, f"{named} is not valid until {begin}", "keep the old certificate until then"
    if facts.key_kind == "RSA" and facts.key_bits < _SMALLEST_RSA:
        advice = f"use an RSA key of at least {_SMALLEST_RSA} bits"
        return Verdict.FAIL, f"{named} has a {facts.key_bits}-bit RSA key", advice
    days = (facts.not_after - now).days
    expiry = f"{named} expires on {end}, in {counted(days, 'day')}"
    level = next((d for d in sorted(WARN_DAYS) if days <= d), None)
    if level is not None:
        return Verdict.WARN, f"{expiry} (within {level})", "add the next certificate now"
    return Verdict.OK, f"{expiry}, {facts.key_bits}-bit {facts.key_kind} key", ""
