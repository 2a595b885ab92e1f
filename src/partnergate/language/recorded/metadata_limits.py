"""Compares a SAML sign-in with what the recorded metadata of the partner publishes."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from partnergate.diagnostics import Span

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date
    from pathlib import PurePosixPath

    from partnergate.language.recorded.metadata import Element, IdpMetadata, Service
    from partnergate.language.report import Report

_URL_KEYS = {"SingleSignOnService": "sso_url", "SingleLogoutService": "slo_url"}


class PublishedLimits:
    """What one identity provider publishes, compared with the keys of a sign-in."""

    def __init__(self, provider: IdpMetadata, file: PurePosixPath, written: Container[str]) -> None:
        """``written`` contains the keys of the partner file, which win over the document."""
        self.provider, self.file, self.written = provider, file, written

    def check(self, *, today: date | None, fetched: bool, report: Report) -> None:
        """Report every limit. ``fetched`` states whether the realm loads certificates from a URL."""
        if today is not None:
            self._expired(today, report)
        self._unusable_bindings(report)
        self._several_locations(report)
        self._responses(report)
        if not fetched and "certificates" not in self.written:
            self._keys(report)

    def _at(self, element: Element) -> Span:
        start, end = element.start, element.end
        return Span(self.file, start.line + 1, start.column + 1, end.column + 1)

    def _expired(self, today: date, report: Report) -> None:
        if self.provider.valid_until is None:
            return
        until, element = self.provider.valid_until
        if until < datetime.combine(today, time(), tzinfo=UTC):
            report.add(
                "PG171",
                self._at(element),
                f"the metadata expired: validUntil is {until.astimezone(UTC):%Y-%m-%d}",
                "record the current metadata: partnergate partner add PARTNER --from URL --force",
            )

    def _services(self, name: str) -> list[Service]:
        return [one for one in self.provider.services if one.name == name and one.url]

    def _unusable_bindings(self, report: Report) -> None:
        published = self._services("SingleSignOnService")
        if self.provider.sso is not None or "sso_url" in self.written:
            return
        bindings = sorted({one.binding.rpartition(":")[2] for one in published})
        report.add(
            "PG172",
            self._at(published[0].at) if published else Span(file=self.file),
            f"SingleSignOnService has only the binding {', '.join(bindings)}"
            if published
            else "the metadata has no SingleSignOnService with a Location",
            "ask the partner for a SingleSignOnService with HTTP-POST or HTTP-Redirect",
        )

    def _several_locations(self, report: Report) -> None:
        chosen = {"SingleSignOnService": self.provider.sso, "SingleLogoutService": self.provider.slo}
        for name, endpoint in chosen.items():
            same = [one for one in self._services(name) if endpoint and one.way == endpoint.binding]
            urls = list(dict.fromkeys(one.url for one in same))
            if len(urls) > 1 and _URL_KEYS[name] not in self.written:
                report.add(
                    "PG173",
                    self._at(next(one.at for one in same if one.url == urls[1])),
                    f"{name} has {len(urls)} locations for one binding; the first, {urls[0]}, is used",
                    f"ask the partner which one applies, and write {_URL_KEYS[name]}",
                )

    def _responses(self, report: Report) -> None:
        endpoint = self.provider.slo
        for one in self._services("SingleLogoutService"):
            chosen = endpoint and (one.url, one.way) == endpoint
            if chosen and one.response_url not in ("", one.url) and "slo_url" not in self.written:
                report.add(
                    "PG173",
                    self._at(one.at),
                    f"the ResponseLocation {one.response_url} is not used: logout responses go to {one.url}",
                    f"ask the partner to accept logout responses at {one.url}",
                )

    def _keys(self, report: Report) -> None:
        for instead, element in self.provider.keys_without_certificate:
            report.add(
                "PG173" if self.provider.certificates else "PG172",
                self._at(element),
                f"a signing key has {instead} instead of X509Certificate and cannot be used",
                "ask the partner for metadata with certificates, or add certificates to the partner file",
            )
