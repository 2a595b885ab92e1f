"""Adds the source line to each diagnostic, with possible secrets masked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic

_IN_URL = "PG122"
_SECRET_CODES = frozenset({"PG101", "PG102", _IN_URL})
_BEFORE_AT = re.compile(r"(?<=//)[^/\s]*(?=@)")
"""The credentials of a URL. The rest of the URL shows what to fix."""
_LONGEST = 400


def _blotted(line: str, found: Iterable[Diagnostic]) -> str:
    for diagnostic in found:
        start, end = diagnostic.span.column - 1, min(diagnostic.span.end_column - 1, len(line))
        secret = line[start:end]
        hidden = _BEFORE_AT.sub(lambda part: "*" * len(part[0]), secret)
        if diagnostic.code != _IN_URL or hidden == secret:
            hidden = "*" * len(secret)
        line = line[:start] + hidden + line[end:]
    return line


def with_source_lines(
    found: Iterable[Diagnostic], contents: Mapping[PurePosixPath, bytes]
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in order, each with its source line."""
    ordered = sorted(found, key=lambda d: d.sort_key())
    secrets: dict[tuple[PurePosixPath, int], list[Diagnostic]] = {}
    for diagnostic in ordered:
        if diagnostic.code in _SECRET_CODES:
            secrets.setdefault((diagnostic.span.file, diagnostic.span.line), []).append(diagnostic)
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
