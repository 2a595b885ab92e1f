"""Gives each diagnostic the line it points into, with whatever may be a secret blotted out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic, Span

_SECRET_CODES = frozenset({"PG101", "PG102"})
_LONGEST = 400


def _blotted(line: str, spans: Iterable[Span]) -> str:
    for span in spans:
        start, end = span.column - 1, min(span.end_column - 1, len(line))
        line = line[:start] + "*" * max(end - start, 0) + line[end:]
    return line


def with_source_lines(
    found: Iterable[Diagnostic], contents: Mapping[PurePosixPath, bytes]
) -> tuple[Diagnostic, ...]:
    """The diagnostics in order, each with its line."""
    ordered = sorted(found, key=lambda d: d.sort_key())
    secrets: dict[tuple[PurePosixPath, int], list[Span]] = {}
    for diagnostic in ordered:
        if diagnostic.code in _SECRET_CODES:
            secrets.setdefault((diagnostic.span.file, diagnostic.span.line), []).append(diagnostic.span)
    lines: dict[PurePosixPath, list[str]] = {}
    result = []
    for diagnostic in ordered:
        span = diagnostic.span
        if span.file not in lines:
            text = contents.get(span.file, b"").decode("utf-8", errors="replace")
            lines[span.file] = (
                text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
            )
        of_file = lines[span.file]
        line = of_file[span.line - 1] if span.line <= len(of_file) else ""
        shown = _blotted(line, secrets.get((span.file, span.line), ()))[:_LONGEST]
        result.append(replace(diagnostic, source_line=shown))
    return tuple(result)
