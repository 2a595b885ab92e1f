"""What a check says: one result with its evidence and, where it is not well, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
    """It could not be made; never counted as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check of one subject."""

    check: str
    """A stable name, ``area.thing``."""
    subject: str
    """A provider's alias, or the realm."""
    verdict: Verdict
    detail: str
    advice: str = ""


def worst(findings: tuple[Finding, ...]) -> Verdict:
    """The verdict of the whole: FAIL before WARN before OK; OK when there is nothing."""
    seen = {f.verdict for f in findings}
    return next((v for v in (Verdict.FAIL, Verdict.WARN) if v in seen), Verdict.OK)
