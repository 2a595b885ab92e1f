"""Collects the diagnostics of one run. Each is recorded once, even if several environments report it."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from partnergate.diagnostics import Diagnostic, Severity
from partnergate.language.codes.catalog import CODES
from partnergate.wording import concealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Span

    Place = tuple[int, int]
    """Line and column, starting at 1."""


class Report:
    """A growing list of diagnostics. The severity comes from the code."""

    __slots__ = ("_found", "_indexed", "_places", "concealed")

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self._found: dict[tuple[str, Span, str], Diagnostic] = {}
        self._places: dict[PurePosixPath, list[Place]] = {}
        self._indexed = 0
        self.concealed: dict[str, str] = {}
        """Values that no message may contain, each with the description that replaces it."""
        self.extend(found)

    def conceal(self, shown: Mapping[str, str]) -> None:
        """Replace these values in every message and hint, also in those already reported."""
        self.concealed.update(shown)

    def add(
        self, code: str, span: Span, message: str, hint: str = "", *, severity: Severity | None = None
    ) -> None:
        """Add a diagnostic. A repeated diagnostic at the same position is ignored."""
        entry = (code, span, message)
        if entry not in self._found:
            self._found[entry] = Diagnostic(
                code=code, severity=severity or CODES[code].severity, message=message, span=span, hint=hint
            )

    def extend(self, found: Iterable[Diagnostic]) -> None:
        """Add diagnostics from another report."""
        for diagnostic in found:
            self._found.setdefault((diagnostic.code, diagnostic.span, diagnostic.message), diagnostic)

    def places(self) -> frozenset[tuple[str, Span]]:
        """Return the position of each reported code."""
        return frozenset((code, span) for code, span, _ in self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether at least one diagnostic is an error."""
        return bool(self._error_places())

    def has_error_between(self, file: PurePosixPath, start: Place, end: Place) -> bool:
        """Whether a range of a file, ends included, contains an error. Fast with thousands of errors."""
        places = self._error_places().get(file, [])
        at = bisect_left(places, start)
        return at < len(places) and places[at] <= end

    def _error_places(self) -> dict[PurePosixPath, list[Place]]:
        """Positions of the errors, in order. Nothing is ever removed, so a count identifies new ones."""
        if self._indexed < len(self._found):
            for diagnostic in islice(self._found.values(), self._indexed, None):
                if diagnostic.severity is Severity.ERROR:
                    span = diagnostic.span
                    insort(self._places.setdefault(span.file, []), (span.line, span.column))
            self._indexed = len(self._found)
        return self._places

    def found(self) -> tuple[Diagnostic, ...]:
        """Return all diagnostics, sorted by file and position."""
        found = sorted(self._found.values(), key=Diagnostic.sort_key)
        if not self.concealed:
            return tuple(found)
        return tuple(
            replace(
                one, message=concealed(one.message, self.concealed), hint=concealed(one.hint, self.concealed)
            )
            for one in found
        )
