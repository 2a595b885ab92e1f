"""Diagnostics for people: file, line, the line itself and a caret under what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Severity
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.diagnostics import Diagnostic

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDEST = 160


def _painted(text: str, code: str, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around the column, and the column in it."""
    if len(line) <= _WIDEST:
        return line, column
    start = max(0, min(column - _WIDEST // 2, len(line) - _WIDEST))
    return line[start : start + _WIDEST], column - start


def _excerpt(diagnostic: Diagnostic, *, colour: bool) -> Iterable[str]:
    span = diagnostic.span
    if not diagnostic.source_line:
        return
    line, column = _window(diagnostic.source_line.replace("\t", " "), span.column)
    number = str(span.line)
    width = max(1, min(span.end_column - span.column, len(line) - column + 1))
    caret = _painted("^" * width, _COLOURS[diagnostic.severity], colour=colour)
    yield f"  {number} | {line}".rstrip()
    yield f"  {' ' * len(number)} | {' ' * (column - 1)}{caret}"


def diagnostic_text(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """One problem in a few lines."""
    span = diagnostic.span
    kind = _painted(
        f"{diagnostic.severity}[{diagnostic.code}]", "1;" + _COLOURS[diagnostic.severity], colour=colour
    )
    lines = [f"{span.file}:{span.line}:{span.column}: {kind}: {diagnostic.message}"]
    lines.extend(_excerpt(diagnostic, colour=colour))
    if diagnostic.hint:
        lines.append(f"  help: {diagnostic.hint}")
    return "\n".join(lines)


def summary_line(diagnostics: tuple[Diagnostic, ...], files: int) -> str:
    """How many problems of which kind."""
    checked = counted(files, "partner file")
    if not diagnostics:
        return f"{checked}: no problems"
    by_kind = {kind: sum(d.severity is kind for d in diagnostics) for kind in Severity}
    counts = ", ".join(counted(number, kind) for kind, number in by_kind.items() if number)
    first = diagnostics[0].code
    return f"{checked}: {counts}. What a code means: partnergate explain {first}"


def diagnostics_text(diagnostics: tuple[Diagnostic, ...], *, files: int, colour: bool = False) -> str:
    """All problems and a line that counts them."""
    parts = [diagnostic_text(diagnostic, colour=colour) for diagnostic in diagnostics]
    return "\n\n".join([*parts, summary_line(diagnostics, files)]) + "\n"
