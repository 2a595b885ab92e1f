"""A YAML document as plain values that know where they were written.

No meaning is given here: a scalar is its text and whether it was quoted. What the text stands for
is decided by the language, key by key, so that ``no`` or ``1.0`` is never guessed at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from partnergate.diagnostics import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath


class Mark(Protocol):
    """A 0-based place in a text, as PyYAML gives it."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Scalar(NamedTuple):
    """A single value."""

    file: PurePosixPath
    start: Mark
    end: Mark
    text: str
    plain: bool
    """Written without quotes, and not as a block."""


class Entry(NamedTuple):
    """A key with its value."""

    key: Scalar
    value: Tree


class Mapping(NamedTuple):
    """Keys with values, in the order of the file, each key once."""

    file: PurePosixPath
    start: Mark
    end: Mark
    entries: dict[str, Entry]
    label: Scalar | None = None
    """The key it stands under; none for the document and for an entry of a list."""

    def holding(self, entries: dict[str, Entry]) -> Mapping:
        """The same place with other entries; ``_replace`` takes five times as long."""
        return Mapping(self.file, self.start, self.end, entries, self.label)


class Sequence(NamedTuple):
    """A list."""

    file: PurePosixPath
    start: Mark
    end: Mark
    items: tuple[Tree, ...]


Tree = Scalar | Mapping | Sequence
Path = tuple[str | int, ...]
"""Keys and 0-based list indexes from the document's root."""


def span_of(tree: Tree) -> Span:
    """Where a value starts; it ends with its line where it goes on."""
    start, end = tree.start, tree.end
    column = start.column
    wide = end.column - column if end.line == start.line and end.column > column else 1
    return Span(tree.file, start.line + 1, column + 1, column + 1 + wide)


def head_of(mapping: Mapping) -> Span:
    """Where to point when something is missing in a mapping: its key, else its own first key."""
    if mapping.label is not None:
        return span_of(mapping.label)
    first = next(iter(mapping.entries.values()), None)
    return span_of(first.key) if first else span_of(mapping)


def scalars(tree: Tree, *, without: str = "") -> Iterator[Scalar]:
    """Every single value, those under a key called ``without`` left out, in no particular order."""
    waiting = [tree]
    while waiting:
        at = waiting.pop()
        if type(at) is Scalar:
            yield at
        elif type(at) is Sequence:
            waiting.extend(at.items)
        elif type(at) is Mapping:
            waiting.extend([entry.value for name, entry in at.entries.items() if name != without])


def child(tree: Tree, step: str | int) -> Tree | None:
    """The value one step down: by key, by place in a list, or by an item's name; none if it is not there."""
    if type(tree) is Mapping and isinstance(step, str):
        entry = tree.entries.get(step)
        return entry.value if entry else None
    if type(tree) is Sequence:
        if isinstance(step, int):
            return tree.items[step] if -len(tree.items) <= step < len(tree.items) else None
        return next((item for item in tree.items if _is_called(item, step)), None)
    return None


def _is_called(item: Tree, name: str) -> bool:
    """Whether the item of a list has this name, by the key that names items."""
    named = (child(item, key) for key in ("client_id", "name", "path"))
    return any(isinstance(found, Scalar) and found.text == name for found in named)


def locate(tree: Tree, path: Iterable[str | int], *, key: bool = False) -> Span:
    """The span of the value at ``path``, or of its key; of the nearest parent's key where it is missing."""
    at: Tree = tree
    name: Scalar | None = None
    for step in path:
        below = child(at, step)
        if below is None:
            return span_of(name) if name else span_of(at)
        if isinstance(at, Mapping) and isinstance(step, str):
            name = at.entries[step].key
        elif isinstance(at, Sequence):
            name = None
        at = below
    return span_of(name) if key and name else span_of(at)
