"""Checks of SAML 2.0 partners: certificates, metadata, and the sign-on address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.doctor.certificates import certificate_findings
from partnergate.doctor.findings import Finding, Verdict
from partnergate.doctor.probe import Probe, compared
from partnergate.language.recorded.metadata import parsed_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from partnergate.language.recorded.metadata import IdpMetadata
    from partnergate.model.partner import SamlSignIn


def saml_findings(probe: Probe, sign_in: SamlSignIn, *, now: datetime) -> Iterator[Finding]:
    """Certificates in the file, metadata where its address is known, and the clock."""
    yield from certificate_findings(probe.alias, sign_in.certificates, now=now, where="the file")
    yield from _sign_on(probe, sign_in)
    if sign_in.metadata_url is None:
        yield probe.finding(
            "saml.metadata",
            Verdict.SKIPPED,
            "the file names no metadata address",
            "add metadata: {url: ...} if there is one",
        )
        return
    published = _metadata(probe, sign_in, sign_in.metadata_url)
    if isinstance(published, Finding):
        yield published
        return
    yield from _drift(probe, sign_in, published)
    yield from certificate_findings(probe.alias, published.certificates, now=now, where="the metadata")


def _sign_on(probe: Probe, sign_in: SamlSignIn) -> Iterator[Finding]:
    """A sign-on address answers a request without a message in its own way; it must be there at all."""
    answer = probe.ask("saml.sso_url", sign_in.sso_url)
    if isinstance(answer, Finding):
        yield answer
        return
    yield probe.clock(answer)
    if answer.status == 404:  # noqa: PLR2004
        yield probe.finding(
            "saml.sso_url", Verdict.FAIL, f"{sign_in.sso_url} is not there (404)", "correct sso_url"
        )
    else:
        yield probe.finding("saml.sso_url", Verdict.OK, f"the sign-on address answers ({answer.status})")


def _metadata(probe: Probe, sign_in: SamlSignIn, url: str) -> IdpMetadata | Finding:
    answer = probe.ask("saml.metadata", url, accept="application/samlmetadata+xml, application/xml")
    if isinstance(answer, Finding):
        return answer
    try:
        found = parsed_metadata(answer.body)
    except ValueError as error:
        return probe.finding(
            "saml.metadata",
            Verdict.FAIL,
            f"{url} (status {answer.status}) is no metadata: {error}",
            "correct the address",
        )
    fitting = next((m for m in found if m.entity_id == sign_in.entity_id), None)
    if fitting is None:
        return probe.finding(
            "saml.metadata",
            Verdict.FAIL,
            f"{url} is of {', '.join(m.entity_id for m in found)}, not of {sign_in.entity_id}",
            "the entity id must be the same to the letter",
        )
    return fitting


def _drift(probe: Probe, sign_in: SamlSignIn, published: IdpMetadata) -> Iterator[Finding]:
    """What the partner publishes now against what the file recorded."""
    yield probe.finding(
        "saml.metadata", Verdict.OK, "the metadata is there and names the entity id of the file"
    )
    yield compared(
        probe,
        "saml.sso_url",
        "the sign-on address",
        ours=sign_in.sso_url,
        theirs=published.sso.url if published.sso else None,
    )
    if published.sso and published.sso.binding == "redirect" and sign_in.sso_binding == "post":
        yield probe.finding(
            "saml.sso_binding",
            Verdict.FAIL,
            "the metadata takes login requests by redirect alone, and the host would post them",
            "sso_binding: redirect, or record the metadata again",
        )
    if not sign_in.certificates:
        return
    ours, theirs = set(sign_in.certificates), set(published.certificates)
    if theirs <= ours:
        yield probe.finding("saml.rotation", Verdict.OK, "every certificate of the metadata is in the file")
    elif ours & theirs:
        yield probe.finding(
            "saml.rotation",
            Verdict.WARN,
            "the metadata has a certificate that the file does not have",
            "add it beside the old one before the partner signs with it",
        )
    else:
        yield probe.finding(
            "saml.rotation",
            Verdict.FAIL,
            "no certificate of the file is in the metadata any more",
            "add the new one now; logins fail as soon as the partner signs with it",
        )
