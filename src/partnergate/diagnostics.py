"""Problems in files that people write, as values: position, message and hint.

Loaders do not raise; they return ``(result, diagnostics)``, so that every problem of every file is
reported at once. Operational failures are exceptions, in ``errors.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePosixPath


class Severity(StrEnum):
    """The severity of a diagnostic; only an error stops a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A position in a file: 1-based line and column, with an exclusive end column on the same line.

    A tuple rather than a dataclass, because thousands of files have several each.
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
    """The text of the line at the span; stored, because the file can change later."""

    def sort_key(self) -> tuple[Span, str, str]:
        """The order by file and position, then code and message, which makes output deterministic."""
        return (self.span, self.code, self.message)


def has_errors(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Whether any of them stops a command."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
