"""The result of an apply as text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from partnergate.applying.apply_report import Outcome
from partnergate.rendering.plan.outline import resource_title
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partnergate.applying.apply_report import ApplyReport, PartReport
    from partnergate.planning.changes import Change

_MOST_PARTNERS: Final = 10
"""Number of partners that are named before the rest is counted."""
_MOST_RESOURCES: Final = 20
"""Number of resources per action that are named before the rest is counted."""
_AGAIN: Final = "Fix the cause and run apply again. Apply is idempotent."
_AGAIN_WITH_A_NEW_PLAN: Final = "Fix the cause, plan again and apply the new plan. Apply is idempotent."
_DONE: Final = {
    "Create": "created",
    "Update": "changed",
    "Adopt": "adopted",
    "Replace": "replaced",
    "Delete": "deleted",
}
"""The past tense of each kind of change."""


def report_as_text(
    report: ApplyReport,
    changes: Iterable[Change] = (),
    *,
    from_file: bool = False,
    width: int | None = None,
) -> str:
    """What was created, changed and deleted; the counts; then each failed part with its reason.

    ``changes`` are those of the plan. If something failed, the last line is the next step: a plan
    ``from_file`` no longer matches the realm, so it must be made again. With a ``width``, the lists
    of names are wrapped.
    """
    lines = [line for names in _resources(report, changes) for line in _wrapped(names, width)]
    lines.append(_summary(report))
    for part in (*report.of(Outcome.FAILED), *report.of(Outcome.ROLLED_BACK)):
        lines += _failed(part)
    waiting = report.of(Outcome.NOT_ATTEMPTED)
    if waiting:
        why = f" ({report.stopped_by})" if report.stopped_by else ""
        lines.append(f"not attempted{why}: {_named([part.name for part in waiting], _MOST_PARTNERS)}")
    if not report.is_complete:
        lines.append(_AGAIN_WITH_A_NEW_PLAN if from_file else _AGAIN)
    return "\n".join(lines)


def _resources(report: ApplyReport, changes: Iterable[Change]) -> Iterator[str]:
    """One line per action, with the names of the resources in the order of the report."""
    by_key = {change.key: change for change in changes}
    done: dict[str, list[str]] = {}
    for part in report.of(Outcome.DONE):
        for key in dict.fromkeys(part.keys):
            if key in by_key:
                done.setdefault(_DONE[type(by_key[key]).__name__], []).append(resource_title(key))
    for action in _DONE.values():
        if names := done.get(action):
            yield f"{action}: {_named(names, _MOST_RESOURCES)}"


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None:
        return [text]
    return textwrap.wrap(
        text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _named(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _summary(report: ApplyReport) -> str:
    counts = [f"{len(report.of(outcome))} {outcome.value}" for outcome in Outcome if report.of(outcome)]
    resources = sum(len(part.keys) for part in report.of(Outcome.DONE))
    return f"Applied: {', '.join(counts) or 'nothing to do'}; {counted(resources, 'resource')} changed."


def _failed(part: PartReport) -> Iterator[str]:
    yield f"{part.name}: {part.outcome.value}, at {part.failed_at}"
    if part.error is not None:
        yield from (f"    {line}" for line in part.error.diagnostics().splitlines())
    yield from (f"    left: {what}" for what in part.left)
