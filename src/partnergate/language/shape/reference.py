"""Renders shapes as tables of keys for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.language.shape.collections import Either, ListOf, MapOf, Object, Variant
from partnergate.language.shape.loosening import WithVariables
from partnergate.language.shape.scalars import Choice, Day, Flag, Money, NumberOfUnits, Text, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator


def kind(shape: Any) -> str:
    """Return the type of a value in a few words."""
    match shape:
        case Text():
            return "text"
        case Choice():
            return " \\| ".join(f"`{word}`" for word in shape.words)
        case Flag():
            return "`true` \\| `false`"
        case Whole():
            return str(shape.least) if shape.least == shape.most else f"{shape.least} to {shape.most:,}"
        case Money():
            return "quoted percentage" if shape.percent else "quoted amount"
        case NumberOfUnits():
            return "quantity"
        case Day():
            return "date"
        case ListOf():
            return f"list of {kind(shape.item)}"
        case MapOf():
            return "mapping"
        case Either():
            return f"{kind(shape.scalar)}, or mapping"
        case WithVariables():
            return kind(shape.shape)
        case _:
            return "mapping"


def _below(shape: Any) -> Iterator[Object | Variant]:
    """Return the mappings with named keys that a value contains."""
    match shape:
        case Object() | Variant():
            yield shape
        case ListOf():
            yield from _below(shape.item)
        case MapOf():
            yield from _below(shape.value)
        case Either():
            yield from _below(shape.scalar)
            yield from _below(shape.mapping)


def _table(shape: Object) -> Iterator[str]:
    yield "| Key | Value | Required or default | Description |"
    yield "| --- | --- | --- | --- |"
    for key in shape.keys:
        need = "required" if key.required else f"`{key.default}`" if key.default is not None else ""
        yield f"| `{key.name}` | {kind(key.shape)} | {need} | {key.description} |"


def sections(shape: Object, path: str = "") -> Iterator[str]:
    """Return Markdown lines: a table for the mapping, and then one for each mapping inside it."""
    yield f"### `{path}`" if path else "### The file"
    yield ""
    if shape.description:
        yield from (f"{shape.description}.", "")
    yield from _table(shape)
    yield ""
    for key in shape.keys:
        place = f"{path}.{key.name}" if path else key.name
        for inner in _below(key.shape):
            if isinstance(inner, Variant):
                for name, case in inner.cases:
                    yield from sections(case, f"{place} ({name})")
            else:
                yield from sections(inner, place)


def reference(shape: Object, title: str) -> str:
    """Return a section of the documentation."""
    return "\n".join([f"## {title}", "", *sections(shape)])
