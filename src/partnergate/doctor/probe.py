"""What the checks of every protocol share: one request each, and what its answer tells by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.doctor.fetching import Answer, Fetcher

SKEW_WARN_SECONDS: Final = 10
SKEW_FAIL_SECONDS: Final = 60
OK: Final = 200
_REDIRECT: Final = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One provider under examination. ``now`` is asked again for each answer, to measure its clock."""

    alias: str
    fetcher: Fetcher
    now: Callable[[], datetime]

    def finding(self, check: str, verdict: Verdict, detail: str, advice: str = "") -> Finding:
        """A finding about this provider."""
        return Finding(check=check, subject=self.alias, verdict=verdict, detail=detail, advice=advice)

    def ask(self, check: str, url: str, *, accept: str = "*/*") -> Answer | Finding:
        """The answer at ``url``, or the finding that there is none."""
        return self.tried(check, url, lambda: self.fetcher.get(url, accept=accept))

    def tried(self, check: str, url: str, act: Callable[[], Answer]) -> Answer | Finding:
        """What ``act`` brings, or the finding that says why it brings nothing."""
        try:
            return act()
        except FetchRefused as refused:
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} may not be asked: {refused}",
                "the address must be public and use https",
            )
        except FetchFailed as failed:
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} does not answer: {failed}",
                "ask the partner, or correct the address",
            )

    def json(self, check: str, url: str) -> dict[str, Any] | Finding:
        """The JSON object at ``url``, or the finding that there is none."""
        answer = self.ask(check, url, accept="application/json")
        if isinstance(answer, Finding):
            return answer
        if answer.status in _REDIRECT:
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} redirects to {answer.headers.get('location', 'nowhere')}",
                "name the final address; redirects are not followed",
            )
        try:
            value = json.loads(answer.body) if answer.status == OK else None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            return self.finding(
                check,
                Verdict.FAIL,
                f"{url} gives status {answer.status} and no JSON object",
                "correct the address",
            )
        return value

    def clock(self, answer: Answer) -> Finding:
        """How far the partner's clock is from ours, by the ``Date`` header (to the second)."""
        try:
            theirs = parsedate_to_datetime(answer.headers["date"])
            seconds = (theirs - self.now()).total_seconds()
        except (KeyError, ValueError, TypeError):
            return self.finding("clock.skew", Verdict.SKIPPED, "the answer has no readable Date")
        size = abs(seconds)
        way = "ahead of" if seconds > 0 else "behind"
        detail = f"the partner's clock is {size:.0f} s {way} ours"
        if size > SKEW_FAIL_SECONDS:
            return self.finding(
                "clock.skew", Verdict.FAIL, detail, "set both clocks by NTP; logins fail beyond the skew"
            )
        if size > SKEW_WARN_SECONDS:
            return self.finding("clock.skew", Verdict.WARN, detail, "set both clocks by NTP")
        return self.finding("clock.skew", Verdict.OK, detail)


def compared(probe: Probe, check: str, name: str, *, ours: str, theirs: str | None) -> Finding:
    """Whether what the partner publishes is what the file says."""
    if theirs is None:
        return probe.finding(
            check, Verdict.WARN, f"{name} is not published", "ask the partner whether it still holds"
        )
    if ours == theirs:
        return probe.finding(check, Verdict.OK, f"{name} is as the file says")
    return probe.finding(
        check,
        Verdict.FAIL,
        f"{name} is {theirs} at the partner, and {ours} in the file",
        "agree with the partner, then change the file by pull request",
    )
