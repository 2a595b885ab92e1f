"""Checks the signing certificates of SAML partners."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.certificates import CertificateFacts, certificate_facts
from partnergate.model.partner import SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from partnergate.language.rules.rule_inputs import ProviderAt
    from partnergate.language.text.tree import Path

_LEAST_BITS = {"RSA": 2048, "EC": 224}
_BROKEN = ("md5", "sha1")
_SOON = timedelta(days=30)
_ROTATION = 2
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}[: ]?){16,64}\Z")


def _each(provider: ProviderAt) -> Iterator[tuple[Path, CertificateFacts | None]]:
    if isinstance(provider.sign_in, SamlSignIn):
        for place, text in enumerate(provider.sign_in.certificates):
            yield provider.sign("certificates", place), certificate_facts(text)


def readable(provider: ProviderAt) -> Iterator[Finding]:
    """PG115: Keycloak accepts any text as a certificate, and then every login fails."""
    for path, facts in _each(provider):
        if facts is None:
            text = provider.sign_in.certificates[path[-1]]  # type: ignore[union-attr,index]
            yield Finding(
                path,
                "not an X.509 certificate",
                "a fingerprint only identifies a certificate: ask the partner for the certificate itself"
                if _FINGERPRINT.match(text)
                else "write PEM or base64 DER, starting with -----BEGIN CERTIFICATE-----",
            )


def long_enough(provider: ProviderAt) -> Iterator[Finding]:
    """PG111: short keys can be broken."""
    for path, facts in _each(provider):
        if facts and facts.key_bits < _LEAST_BITS.get(facts.key_kind, 0):
            least = _LEAST_BITS[facts.key_kind]
            yield Finding(
                path,
                f"{facts.key_kind} key has {facts.key_bits} bits; the minimum is {least}",
                "ask the partner for a new key",
            )


def strong_hash(provider: ProviderAt) -> Iterator[Finding]:
    """PG112: a certificate with a weak signature can be forged."""
    for path, facts in _each(provider):
        if facts and facts.hash_name in _BROKEN:
            yield Finding(
                path,
                f"the certificate is signed with {facts.hash_name.upper()}",
                "ask the partner for a new certificate",
            )


def not_expired(provider: ProviderAt, today: date) -> Iterator[Finding]:
    """PG113: an expired certificate is not maintained."""
    found = list(_each(provider))
    last = max((facts.not_after for _, facts in found if facts), default=None)
    for path, facts in found:
        if facts and facts.not_after < _start(today):
            yield Finding(
                path,
                f"the certificate expired on {facts.not_after.date()}",
                f"delete it: another certificate is valid until {last.date()}"
                if last and last >= _start(today)
                else "ask the partner for the current certificate",
            )


def not_expiring(provider: ProviderAt, today: date) -> Iterator[Finding]:
    """PG114: during a rotation, two certificates must be valid at the same time."""
    found = list(_each(provider))
    last = max((facts.not_after for _, facts in found if facts), default=None)
    for path, facts in found:
        if facts and facts.not_after == last and _start(today) <= facts.not_after < _start(today) + _SOON:
            yield Finding(
                path,
                f"the last certificate expires on {facts.not_after.date()}",
                "ask the partner for the next certificate and list both",
            )


def as_many_as_needed(provider: ProviderAt) -> Iterator[Finding]:
    """PG144: every old key in the file remains trusted."""
    if isinstance(provider.sign_in, SamlSignIn) and len(provider.sign_in.certificates) > _ROTATION:
        yield Finding(
            provider.sign("certificates"),
            f"{len(provider.sign_in.certificates)} certificates; a rotation needs only two",
            "delete the certificates that the partner no longer uses",
            on_key=True,
        )


def _start(today: date) -> datetime:
    return datetime.combine(today, time(), tzinfo=UTC)
