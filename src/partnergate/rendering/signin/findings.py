"""The findings of the doctor, as text for a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from partnergate.doctor.check_results import Verdict, worst
from partnergate.rendering.plain_text import cell
from partnergate.safe_text import json_text

if TYPE_CHECKING:
    from partnergate.doctor.check_results import CheckResult

_MARKS: Final = {
    Verdict.OK: ("ok", "green"),
    Verdict.WARN: ("warn", "yellow"),
    Verdict.FAIL: ("FAIL", "bold red"),
    Verdict.SKIPPED: ("skip", "dim"),
}


def findings_table(findings: tuple[CheckResult, ...]) -> Table:
    """One row per check, with the advice below each problem."""
    table = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
    for name in ("", "subject", "check"):
        table.add_column(name, no_wrap=True)
    table.add_column("finding", overflow="fold")
    for finding in findings:
        word, style = _MARKS[finding.verdict]
        seen = cell(finding.detail)
        if finding.advice and finding.verdict is not Verdict.OK:
            seen.append("\n").append_text(cell(f"-> {finding.advice}", style="italic"))
        table.add_row(Text(word, style=style), finding.subject, finding.check, seen)
    return table


def findings_summary(findings: tuple[CheckResult, ...]) -> str:
    """One line with the number of findings per verdict."""
    counts = Counter(f.verdict for f in findings)
    return (
        ", ".join(f"{counts[v]} {_MARKS[v][0].lower()}" for v in Verdict if counts[v]) or "nothing to check"
    )


def findings_as_json(findings: tuple[CheckResult, ...]) -> str:
    """``{"format_version": 1, "verdict": ..., "findings": [...]}``."""
    content = {
        "format_version": 1,
        "verdict": worst(findings).value,
        "findings": [
            {
                "check": f.check,
                "subject": f.subject,
                "verdict": f.verdict.value,
                "detail": f.detail,
                "advice": f.advice,
            }
            for f in findings
        ],
    }
    return json_text(content)
