"""What became of an apply, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.applying.report import Outcome
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.applying.report import ApplyReport, Part

_NAMED = 10
"""More names than this are counted instead."""


def report_as_text(report: ApplyReport, *, from_file: bool = False) -> str:
    """One line of counts, then each part that did not succeed with its reason and what is left of it.

    A plan ``from_file`` fits no longer what the realm is now, so going on needs a new one.
    """
    lines = [_summary(report)]
    for part in (*report.of(Outcome.FAILED), *report.of(Outcome.PUT_BACK)):
        lines += _failed(part)
    waiting = report.of(Outcome.NOT_ATTEMPTED)
    if waiting:
        names = [part.name for part in waiting[:_NAMED]]
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        why = f" ({report.stopped_by})" if report.stopped_by else ""
        lines.append(f"not attempted{why}: {', '.join(names)}{more}")
    if not report.is_complete:
        how = "Plan again and apply the new plan" if from_file else "Run apply again"
        lines.append(f"{how} when the cause is mended; it does what is still to do and nothing twice.")
    return "\n".join(lines)


def _summary(report: ApplyReport) -> str:
    counts = [f"{len(report.of(outcome))} {outcome.value}" for outcome in Outcome if report.of(outcome)]
    resources = sum(len(part.keys) for part in report.of(Outcome.DONE))
    return f"Applied: {', '.join(counts) or 'nothing to do'}; {counted(resources, 'resource')} changed."


def _failed(part: Part) -> Iterator[str]:
    yield f"{part.name}: {part.outcome.value}, at {part.failed_at}"
    if part.error is not None:
        yield from (f"    {line}" for line in part.error.diagnostics().splitlines())
    yield from (f"    left: {what}" for what in part.left)
