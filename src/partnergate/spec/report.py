"""Collects the problems of one run, each once, whichever environment or stage found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Diagnostic, Severity
from partnergate.spec.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.diagnostics import Span


class Report:
    """A growing list of diagnostics; the severity of each comes from its code."""

    __slots__ = ("_found",)

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self._found: dict[tuple[str, Span, str], Diagnostic] = {}
        self.extend(found)

    def add(
        self, code: str, span: Span, message: str, hint: str = "", *, severity: Severity | None = None
    ) -> None:
        """Note a problem; the same one at the same place is noted once."""
        entry = (code, span, message)
        if entry not in self._found:
            self._found[entry] = Diagnostic(
                code=code, severity=severity or CODES[code].severity, message=message, span=span, hint=hint
            )

    def extend(self, found: Iterable[Diagnostic]) -> None:
        """Note problems that were found elsewhere."""
        for diagnostic in found:
            self._found.setdefault((diagnostic.code, diagnostic.span, diagnostic.message), diagnostic)

    def places(self) -> frozenset[tuple[str, Span]]:
        """Which code was noted where."""
        return frozenset((code, span) for code, span, _ in self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether any of them stops a command."""
        return any(d.severity is Severity.ERROR for d in self._found.values())

    def found(self) -> tuple[Diagnostic, ...]:
        """All of them, by file and place."""
        return tuple(sorted(self._found.values(), key=Diagnostic.sort_key))
