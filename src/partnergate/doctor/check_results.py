"""The result of a check: a verdict, the evidence, and advice when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
    """The check could not run. It does not count as passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The result of one check of one subject."""

    check: str
    """A stable name, ``area.check``."""
    subject: str
    """A provider alias, or ``realm``."""
    verdict: Verdict
    detail: str
    advice: str = ""


def worst(findings: tuple[CheckResult, ...]) -> Verdict:
    """Return the overall verdict: FAIL, else WARN, else OK. OK when there are no findings."""
    verdicts = {f.verdict for f in findings}
    return next((v for v in (Verdict.FAIL, Verdict.WARN) if v in verdicts), Verdict.OK)
