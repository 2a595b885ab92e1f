"""Rejects YAML features that a partner file never needs, before the document is composed.

Composing recurses in C, so a deeply nested document could crash the process. The depth is therefore
limited first by counting. Only text that could be deep or that could use the features below is read event
by event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from partnergate.diagnostics import Span

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.report import Report

DEPTH_LIMIT = 40
"""Maximum depth. The language itself uses about ten levels."""
_COMPOSED_WITHOUT_LOOKING = 200
_SUSPICIOUS = ("&", "*", "!", "%", "\n---", "\n...")
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_USUAL_TAGS = (None, "!")


def _could_be_deep(text: str) -> bool:
    """Each level costs a bracket or columns of indentation, so deep text has many of one of them."""
    if text.count("[") + text.count("{") > _COMPOSED_WITHOUT_LOOKING:
        return True
    return max(map(len, text.split("\n"))) > _COMPOSED_WITHOUT_LOOKING


def needs_a_look(text: str) -> bool:
    """Whether the events must be read before composing. Fast, without false negatives."""
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
    """One pass over the events. Stops at the first problem that makes the rest meaningless."""

    def __init__(self, file: PurePosixPath, report: Report) -> None:
        self._file, self._report = file, report
        self._depth = self._documents = 0

    def accepts(self, event: Any) -> bool:
        """Report a problem of one event. Return false if reading must stop."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        if isinstance(event, yaml.AliasEvent):
            self._add("PG006", event, f"alias *{event.anchor} is not supported", "write the value out")
            return False
        if getattr(event, "anchor", None):
            self._add(
                "PG006", event, f"anchor &{event.anchor} is not supported", "write the value where it is used"
            )
            return False
        if getattr(event, "tag", None) not in _USUAL_TAGS:
            self._add(
                "PG007", event, f"tag {event.tag} is not supported", "delete it: every key has one known type"
            )
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
            self._add("PG010", event, "the file contains a second document", "keep one document in each file")
            return False
        if event.version or event.tags:
            self._add(
                "PG010", event, "the file contains a YAML directive", "delete the line that starts with %"
            )
            return False
        return True

    def _add(self, code: str, event: Any, message: str, hint: str) -> None:
        self._report.add(code, _span(event, self._file), message, hint)


def is_harmless(text: str, file: PurePosixPath, report: Report, parser: Any) -> bool:
    """Read the events. Return false after reporting a forbidden feature. Syntax errors pass through."""
    scan = _Scan(file, report)
    reader = parser(text)
    try:
        while (event := reader.get_event()) is not None:
            if not scan.accepts(event):
                return False
    finally:
        reader.dispose()
    return True
