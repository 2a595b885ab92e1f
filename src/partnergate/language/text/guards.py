"""What YAML can do that a partner file never needs, found before the document is composed.

Composing recurses in C: a document that nests deep enough would end the process. So depth is
bounded first, by counting, and only texts that could be deep or use the features below are read
event by event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from partnergate.diagnostics import Span

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.report import Report

DEPTH_LIMIT = 40
"""The language itself nests ten deep."""
_COMPOSED_WITHOUT_LOOKING = 200
_SUSPICIOUS = ("&", "*", "!", "%", "\n---", "\n...")
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_USUAL_TAGS = (None, "!")


def _could_be_deep(text: str) -> bool:
    """A nesting costs a bracket, or columns: one of the two is large where the nesting is."""
    if text.count("[") + text.count("{") > _COMPOSED_WITHOUT_LOOKING:
        return True
    return max(map(len, text.split("\n"))) > _COMPOSED_WITHOUT_LOOKING


def needs_a_look(text: str) -> bool:
    """Whether the events must be read before composing; cheap, and never wrongly false."""
    return (
        any(mark in text for mark in _SUSPICIOUS) or text.startswith(("---", "...")) or _could_be_deep(text)
    )


def _span(event: Any, file: PurePosixPath) -> Span:
    mark = event.start_mark
    return Span(
        file=file, line=mark.line + 1, column=mark.column + 1, end_column=max(mark.column + 2, _end(event))
    )


def _end(event: Any) -> int:
    start, end = event.start_mark, event.end_mark
    return int(end.column) + 1 if end.line == start.line else 0


class _Scan:
    """One pass over the events; stops at the first thing that makes the rest meaningless."""

    def __init__(self, file: PurePosixPath, report: Report) -> None:
        self._file, self._report = file, report
        self._depth = self._documents = 0

    def accepts(self, event: Any) -> bool:
        """Report what is wrong with one event; false when reading must end."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        if isinstance(event, yaml.AliasEvent):
            self._add("PG006", event, f"alias *{event.anchor}", "write the value out")
            return False
        if getattr(event, "anchor", None):
            self._add("PG006", event, f"anchor &{event.anchor}", "write the value where it is used")
            return False
        if getattr(event, "tag", None) not in _USUAL_TAGS:
            self._add("PG007", event, f"tag {event.tag}", "delete it; every key has one known type")
            return False
        if isinstance(event, _OPENS):
            self._depth += 1
            if self._depth > DEPTH_LIMIT:
                self._add("PG005", event, f"nested more than {DEPTH_LIMIT} deep", "")
                return False
        elif isinstance(event, _CLOSES):
            self._depth -= 1
        return True

    def _document(self, event: Any) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._add("PG010", event, "a second document", "one file holds one document")
            return False
        if event.version or event.tags:
            self._add("PG010", event, "a directive", "delete the line that starts with %")
            return False
        return True

    def _add(self, code: str, event: Any, message: str, hint: str) -> None:
        self._report.add(code, _span(event, self._file), message, hint)


def is_harmless(text: str, file: PurePosixPath, report: Report, parser: Any) -> bool:
    """Read the events; false after reporting what a partner file may not use. Syntax errors pass through."""
    scan = _Scan(file, report)
    reader = parser(text)
    try:
        while (event := reader.get_event()) is not None:
            if not scan.accepts(event):
                return False
    finally:
        reader.dispose()
    return True
