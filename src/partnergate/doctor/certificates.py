"""Whether a partner's certificate still serves: until when, how strong, and whether it is the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.doctor.findings import Finding, Verdict
from partnergate.model.certificates import certificate_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

WARN_DAYS: Final = (60, 30, 7)
"""A warning grows more urgent at each of these numbers of days before the end."""
_SMALLEST_RSA: Final = 2048


def certificate_findings(
    alias: str, certificates: tuple[str, ...], *, now: datetime, where: str
) -> Iterator[Finding]:
    """One finding for each certificate; ``where`` says which list they come from."""
    for number, text in enumerate(certificates, start=1):
        subject = f"certificate {number} of {len(certificates)} in {where}"
        facts = certificate_facts(text)
        if facts is None:
            yield _finding(
                alias, Verdict.FAIL, f"{subject} cannot be read", "give it as base64 DER, or as PEM"
            )
            continue
        weak = facts.key_kind == "RSA" and facts.key_bits < _SMALLEST_RSA
        days = (facts.not_after - now).days
        until = f"{subject} ({facts.subject}) ends on {facts.not_after:%Y-%m-%d}"
        if facts.not_after <= now:
            yield _finding(alias, Verdict.FAIL, until + ": it has ended", "put the new one beside it")
        elif facts.not_before > now:
            yield _finding(
                alias,
                Verdict.WARN,
                f"{subject} begins on {facts.not_before:%Y-%m-%d}",
                "keep the old one beside it",
            )
        elif weak:
            yield _finding(
                alias,
                Verdict.FAIL,
                f"{subject} has an RSA key of {facts.key_bits} bits",
                "2048 bits is the least",
            )
        elif (level := next((d for d in sorted(WARN_DAYS) if days <= d), None)) is not None:
            yield _finding(
                alias,
                Verdict.WARN,
                f"{until}, in {days} days (within {level})",
                "add the next one beside it now",
            )
        else:
            yield _finding(
                alias, Verdict.OK, f"{until}, in {days} days, {facts.key_kind} {facts.key_bits} bits"
            )


def _finding(alias: str, verdict: Verdict, detail: str, advice: str = "") -> Finding:
    return Finding(check="saml.certificate", subject=alias, verdict=verdict, detail=detail, advice=advice)
