"""Diagnostics for people: file, line, the source line, and a caret under the problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Severity
from partnergate.safe_text import plain, plain_lines, same_width
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.diagnostics import Diagnostic

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDEST = 160


def _painted(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around the column, and the column within that part."""
    if len(line) <= _WIDEST:
        return line, column
    start = max(0, min(column - _WIDEST // 2, len(line) - _WIDEST))
    return line[start : start + _WIDEST], column - start


def _excerpt(diagnostic: Diagnostic, *, color: bool) -> Iterable[str]:
    span = diagnostic.span
    if not diagnostic.source_line:
        return
    line, column = _window(same_width(diagnostic.source_line.replace("\t", " ")), span.column)
    number = str(span.line)
    width = max(1, min(span.end_column - span.column, len(line) - column + 1))
    caret = _painted("^" * width, _COLORS[diagnostic.severity], color=color)
    yield f"  {number} | {line}".rstrip()
    yield f"  {' ' * len(number)} | {' ' * (column - 1)}{caret}"


def diagnostic_text(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One problem with its source line and hint."""
    span = diagnostic.span
    kind = _painted(
        f"{diagnostic.severity}[{diagnostic.code}]", "1;" + _COLORS[diagnostic.severity], color=color
    )
    lines = [f"{plain(str(span.file))}:{span.line}:{span.column}: {kind}: {plain_lines(diagnostic.message)}"]
    lines.extend(_excerpt(diagnostic, color=color))
    if diagnostic.hint:
        lines.append(f"  help: {plain_lines(diagnostic.hint)}")
    return "\n".join(lines)


def summary_line(diagnostics: tuple[Diagnostic, ...], files: int) -> str:
    """The number of problems per severity."""
    checked = counted(files, "partner file")
    if not diagnostics:
        return f"{checked}: no problems"
    by_kind = {kind: sum(d.severity is kind for d in diagnostics) for kind in Severity}
    counts = ", ".join(counted(number, kind) for kind, number in by_kind.items() if number)
    first = diagnostics[0].code
    return f"{checked}: {counts}. To explain a code, run partnergate explain {first}"


def diagnostics_text(diagnostics: tuple[Diagnostic, ...], *, files: int, color: bool = False) -> str:
    """All problems and a summary line."""
    parts = [diagnostic_text(diagnostic, color=color) for diagnostic in diagnostics]
    return "\n\n".join([*parts, summary_line(diagnostics, files)]) + "\n"
