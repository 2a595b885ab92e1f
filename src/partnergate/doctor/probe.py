"""Shared by the checks of every protocol: requests, clock skew, and comparison with the partner file."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.strict_json import decode_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.doctor.fetching import Fetcher, FetchResponse

SKEW_WARN_SECONDS: Final = 10
SKEW_FAIL_SECONDS: Final = 60
OK: Final = 200
_REDIRECT: Final = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One provider being checked. ``now`` is called for each response, to measure clock skew."""

    alias: str
    fetcher: Fetcher
    now: Callable[[], datetime]

    def finding(self, check: str, verdict: Verdict, detail: str, advice: str = "") -> CheckResult:
        """Return a finding about this provider."""
        return CheckResult(check=check, subject=self.alias, verdict=verdict, detail=detail, advice=advice)

    def fetch(self, check: str, url: str, *, accept: str = "*/*") -> FetchResponse | CheckResult:
        """Return the response from ``url``, or a finding when the request fails."""
        return self.attempt(check, url, lambda: self.fetcher.get(url, accept=accept))

    def attempt(self, check: str, url: str, act: Callable[[], FetchResponse]) -> FetchResponse | CheckResult:
        """Return the result of ``act``, or a finding when it fails."""
        try:
            return act()
        except FetchRefused as refused:
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} is not allowed: {refused}",
                "the URL must use https and resolve to public addresses",
            )
        except FetchFailed as failed:
            return self.finding(
                check,
                Verdict.FAIL,
                f"the request to {url} failed: {failed}",
                "contact the partner, or correct the URL",
            )

    def json(self, check: str, url: str) -> dict[str, Any] | CheckResult:
        """Return the JSON object at ``url``, or a finding when there is none."""
        response = self.fetch(check, url, accept="application/json")
        if isinstance(response, CheckResult):
            return response
        if response.status in _REDIRECT:
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} redirects to {response.headers.get('location', 'an empty location')}",
                "set the final URL; redirects are not followed",
            )
        try:
            value = decode_json(response.body) if response.status == OK else None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} returned status {response.status} without a JSON object",
                "correct the URL",
            )
        return value

    def clock(self, response: FetchResponse) -> CheckResult:
        """Compare the partner's clock with ours by the ``Date`` header, to the second."""
        try:
            theirs = parsedate_to_datetime(response.headers["date"])
            seconds = (theirs - self.now()).total_seconds()
        except (KeyError, ValueError, TypeError):
            return self.finding("clock.skew", Verdict.SKIPPED, "the response has no valid Date header")
        size = abs(seconds)
        way = "ahead of" if seconds > 0 else "behind"
        detail = f"the partner's clock is {size:.0f} s {way} ours"
        if size > SKEW_FAIL_SECONDS:
            return self.finding(
                "clock.skew",
                Verdict.FAIL,
                detail,
                "synchronize both clocks with NTP; logins fail when the skew is too large",
            )
        if size > SKEW_WARN_SECONDS:
            return self.finding("clock.skew", Verdict.WARN, detail, "synchronize both clocks with NTP")
        return self.finding("clock.skew", Verdict.OK, detail)


def compared(probe: Probe, check: str, name: str, *, ours: str, theirs: str | None) -> CheckResult:
    """Compare a value that the partner publishes with the partner file."""
    if theirs is None:
        return probe.finding(
            check, Verdict.WARN, f"{name} is not published", "ask the partner whether it is still correct"
        )
    if ours == theirs:
        return probe.finding(check, Verdict.OK, f"{name} matches the partner file")
    return probe.finding(
        check,
        Verdict.FAIL,
        f"{name} is {theirs} at the partner but {ours} in the partner file",
        "agree with the partner, then change the file by pull request",
    )
