"""Composes YAML text to a tree with positions, with libyaml if PyYAML provides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from partnergate.diagnostics import Span
from partnergate.language.text.guards import DEPTH_LIMIT, is_harmless, needs_a_look
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, span_of

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from yaml.nodes import Node

    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree


class _NoResolver:
    """Keeps every scalar as text: the language determines types, not YAML 1.1."""

    def descend_resolver(self, *_: object) -> None: ...
    def ascend_resolver(self) -> None: ...
    def resolve(self, *_: object) -> str:
        return ""


class _SlowLoader(_NoResolver, Reader, Scanner, Parser, Composer):
    """Pure Python. Produces the same nodes ten times slower."""

    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)

    def dispose(self) -> None: ...


def _loader() -> Any:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # noqa: PLC0415 - may be without libyaml
    except ImportError:
        return _SlowLoader
    return type("_Loader", (_NoResolver, CParser), {"__doc__": "libyaml; composes in C."})


Loader: Any = _loader()


_new = tuple.__new__
"""Creates the many named tuples of the tree without a Python call for each."""


class _Builder:
    """Converts nodes to a tree and reports keys that are duplicate, merged, or not text."""

    __slots__ = ("_file", "_report")

    def __init__(self, file: PurePosixPath, report: Report) -> None:
        self._file, self._report = file, report

    def tree(self, node: Any, depth: int = 0, label: Scalar | None = None) -> Tree:
        """Return the tree of one node."""
        kind = type(node)
        if kind is ScalarNode:
            return _new(Scalar, (self._file, node.start_mark, node.end_mark, node.value, not node.style))
        if depth > DEPTH_LIMIT:
            where = Scalar(self._file, node.start_mark, node.start_mark, "", True)
            self._report.add("PG005", span_of(where), f"nested more than {DEPTH_LIMIT} deep")
            return where
        if kind is MappingNode:
            return self._mapping(node, depth, label)
        items = tuple([self.tree(item, depth + 1) for item in node.value])
        return Sequence(self._file, node.start_mark, node.end_mark, items)

    def _mapping(self, node: Node, depth: int, label: Scalar | None) -> Mapping:
        file = self._file
        entries: dict[str, Entry] = {}
        for key, value in node.value:
            if type(key) is not ScalarNode:
                where = Scalar(self._file, key.start_mark, key.start_mark, "", True)
                self._report.add(
                    "PG011", span_of(where), "the key is a list or a mapping", "write the key as text"
                )
                continue
            text = key.value
            name = _new(Scalar, (file, key.start_mark, key.end_mark, text, not key.style))
            if text == "<<" and name.plain:
                self._report.add(
                    "PG009", span_of(name), "merge key << is not supported", "write out the merged keys"
                )
            elif text in entries:
                first = entries[text].key.start.line + 1
                self._report.add(
                    "PG008",
                    span_of(name),
                    f'duplicate key "{text}", first set on line {first}',
                    "delete one of the two",
                )
            elif type(value) is ScalarNode:  # Most values are scalars. Creating them here saves a call.
                made = _new(Scalar, (file, value.start_mark, value.end_mark, value.value, not value.style))
                entries[text] = _new(Entry, (name, made))
            else:
                entries[text] = _new(Entry, (name, self.tree(value, depth + 1, name)))
        return _new(Mapping, (file, node.start_mark, node.end_mark, entries, label))


_NO_COLON = "could not find expected ':'"


def _syntax_error(error: yaml.YAMLError, file: PurePosixPath, report: Report) -> None:
    words = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read")
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    if _NO_COLON in words:
        marks.reverse()  # The problem is detected on a later line; the context is the position of the key.
    mark = marks[0] or marks[1]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "nesting" in words:  # libyaml 0.2.6 and later stops by itself if brackets nest a thousand levels deep.
        where = Span(file=file, line=line, column=column, end_column=column + 1)
        report.add("PG005", where, f"nested more than {DEPTH_LIMIT} deep")
        return
    report.add(
        "PG004",
        Span(file=file, line=line, column=column, end_column=column + 1),
        f"invalid YAML: {words}",
        _syntax_hint(words),
    )


def _syntax_hint(words: str) -> str:
    if _NO_COLON in words:
        return "put a colon and a space after the key, as in stage: live"
    if "\\t" in words or "tab" in words or "cannot start any token" in words:
        return 'indent with spaces, and quote text that starts with @, `, %, or "'
    if "mapping values are not allowed" in words:
        return 'check the indentation, and quote text that contains ": "'
    return "check the indentation, and look for unclosed brackets and quotes"


def compose(text: str, file: PurePosixPath, report: Report, *, begin: str = "") -> Tree | None:
    """Return the tree; none after reporting why there is none. ``begin`` is the hint for an empty file."""
    try:
        if needs_a_look(text) and not is_harmless(text, file, report, Loader):
            return None
        loader = Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        _syntax_error(error, file, report)
        return None
    if node is None:
        report.add("PG010", Span(file=file), "the file is empty", begin)
        return None
    return _Builder(file, report).tree(node)
