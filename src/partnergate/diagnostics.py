"""Problems in what a person wrote, as values: where, what, why and how to mend it.

A diagnostic never raises. Loaders return ``(result, diagnostics)`` and keep going, so that every
problem of every file is reported at once. Failures of the world are exceptions, in ``errors.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePosixPath


class Severity(StrEnum):
    """How much a diagnostic matters; only an error stops a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A place in a file: 1-based line and column, the end exclusive on the same line.

    A tuple, because there are several for each of thousands of files.
    """

    file: PurePosixPath
    line: int = 1
    column: int = 1
    end_column: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One problem of one file."""

    code: str
    """Stable and documented: ``PG`` and three digits."""
    severity: Severity
    message: str
    span: Span
    hint: str = ""
    source_line: str = field(default="", compare=False)
    """The text of the line the span points into, kept because the file may change meanwhile."""

    def sort_key(self) -> tuple[Span, str, str]:
        """Order by file and position, then code and message, so that output never depends on chance."""
        return (self.span, self.code, self.message)


def has_errors(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Whether any of them stops a command."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
