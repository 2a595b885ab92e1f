"""Checks a partner's certificates: validity dates and key strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.doctor.findings import Finding, Verdict
from partnergate.model.certificates import certificate_facts
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

WARN_DAYS: Final = (60, 30, 7)
"""Days before expiry at which the warning becomes more urgent."""
_SMALLEST_RSA: Final = 2048


def certificate_findings(
    alias: str, certificates: tuple[str, ...], *, now: datetime, where: str
) -> Iterator[Finding]:
    """Yield one finding per certificate. ``where`` names the list that the certificates come from."""
    for number, text in enumerate(certificates, start=1):
        subject = f"certificate {number} of {len(certificates)} in {where}"
        facts = certificate_facts(text)
        if facts is None:
            yield _finding(
                alias,
                Verdict.FAIL,
                f"{subject} cannot be read",
                "provide the certificate as base64-encoded DER or as PEM",
            )
            continue
        weak = facts.key_kind == "RSA" and facts.key_bits < _SMALLEST_RSA
        days = (facts.not_after - now).days
        until = f"{subject} ({facts.subject}) expires on {facts.not_after:%Y-%m-%d}"
        if facts.not_after <= now:
            yield _finding(
                alias, Verdict.FAIL, until + ": it has expired", "add the new certificate next to it"
            )
        elif facts.not_before > now:
            yield _finding(
                alias,
                Verdict.WARN,
                f"{subject} is not valid until {facts.not_before:%Y-%m-%d}",
                "keep the old certificate until then",
            )
        elif weak:
            yield _finding(
                alias,
                Verdict.FAIL,
                f"{subject} has a {facts.key_bits}-bit RSA key",
                "use an RSA key of at least 2048 bits",
            )
        elif (level := next((d for d in sorted(WARN_DAYS) if days <= d), None)) is not None:
            yield _finding(
                alias,
                Verdict.WARN,
                f"{until}, in {counted(days, 'day')} (within {level})",
                "add the next certificate now",
            )
        else:
            yield _finding(
                alias,
                Verdict.OK,
                f"{until}, in {counted(days, 'day')}, {facts.key_bits}-bit {facts.key_kind} key",
            )


def _finding(alias: str, verdict: Verdict, detail: str, advice: str = "") -> Finding:
    return Finding(check="saml.certificate", subject=alias, verdict=verdict, detail=detail, advice=advice)
