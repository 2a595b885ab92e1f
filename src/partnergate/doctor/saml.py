"""Checks of SAML 2.0 partners: certificates, metadata, and the single sign-on URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.doctor.certificates import certificate_findings
from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.doctor.probe import Probe, compared
from partnergate.language.recorded.metadata import parsed_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from partnergate.language.recorded.metadata import IdpMetadata
    from partnergate.model.partner import SamlSignIn


def saml_findings(probe: Probe, sign_in: SamlSignIn, *, now: datetime) -> Iterator[CheckResult]:
    """Check the certificates in the file, the single sign-on URL, the clock, and the metadata if any."""
    yield from certificate_findings(probe.alias, sign_in.certificates, now=now, where="the partner file")
    yield from _sign_on(probe, sign_in)
    if sign_in.metadata_url is None:
        yield probe.finding(
            "saml.metadata",
            Verdict.SKIPPED,
            "the partner file has no metadata URL",
            "add metadata: {url: ...} if the partner publishes metadata",
        )
        return
    published = _metadata(probe, sign_in, sign_in.metadata_url)
    if isinstance(published, CheckResult):
        yield published
        return
    yield from _drift(probe, sign_in, published)
    yield from certificate_findings(probe.alias, published.certificates, now=now, where="the metadata")


def _sign_on(probe: Probe, sign_in: SamlSignIn) -> Iterator[CheckResult]:
    """Check that the single sign-on URL exists. Its response to an empty request is not defined."""
    response = probe.fetch("saml.sso_url", sign_in.sso_url)
    if isinstance(response, CheckResult):
        yield response
        return
    yield probe.clock(response)
    if response.status == 404:  # noqa: PLR2004
        yield probe.finding(
            "saml.sso_url", Verdict.FAIL, f"{sign_in.sso_url} does not exist (404)", "correct sso_url"
        )
    else:
        yield probe.finding(
            "saml.sso_url", Verdict.OK, f"the single sign-on URL responds ({response.status})"
        )


def _metadata(probe: Probe, sign_in: SamlSignIn, url: str) -> IdpMetadata | CheckResult:
    response = probe.fetch("saml.metadata", url, accept="application/samlmetadata+xml, application/xml")
    if isinstance(response, CheckResult):
        return response
    try:
        found = parsed_metadata(response.body)
    except ValueError as error:
        return probe.finding(
            "saml.metadata",
            Verdict.FAIL,
            f"{url} (status {response.status}) is not SAML metadata: {error}",
            "correct the URL",
        )
    matching = next((m for m in found if m.entity_id == sign_in.entity_id), None)
    if matching is None:
        return probe.finding(
            "saml.metadata",
            Verdict.FAIL,
            f"{url} describes {', '.join(m.entity_id for m in found)}, not {sign_in.entity_id}",
            "the entity ID must match exactly",
        )
    return matching


def _drift(probe: Probe, sign_in: SamlSignIn, published: IdpMetadata) -> Iterator[CheckResult]:
    """Compare the published metadata with the partner file."""
    yield probe.finding(
        "saml.metadata", Verdict.OK, "the metadata is available and has the entity ID of the partner file"
    )
    yield compared(
        probe,
        "saml.sso_url",
        "the single sign-on URL",
        ours=sign_in.sso_url,
        theirs=published.sso.url if published.sso else None,
    )
    if published.sso and published.sso.binding == "redirect" and sign_in.sso_binding == "post":
        yield probe.finding(
            "saml.sso_binding",
            Verdict.FAIL,
            "the metadata supports the redirect binding only, but sso_binding is post",
            "set sso_binding: redirect, or record the metadata again",
        )
    if not sign_in.certificates:
        return
    recorded = set(published.certificates) <= set(sign_in.certificates)
    yield probe.finding(
        "saml.rotation",
        Verdict.OK,
        "every certificate of the metadata is in the partner file"
        if recorded
        else "the metadata has a new certificate; the realm loads it from there, so logins continue",
        "" if recorded else "record the metadata again, so that the partner file shows the new certificate",
    )
