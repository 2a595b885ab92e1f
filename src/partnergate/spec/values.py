"""Plain values of a tree."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from partnergate.spec.tree import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from partnergate.spec.tree import Tree

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _scalar(scalar: Scalar) -> str | int | bool | date:
    text = scalar.text
    if not scalar.plain:
        return text
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.match(text):
        return int(text)
    return date.fromisoformat(text) if _DATE.match(text) else text


def values_of(tree: Tree) -> Any:
    """Mappings, lists and scalars."""
    match tree:
        case Scalar():
            return _scalar(tree)
        case Sequence(items=items):
            return [values_of(item) for item in items]
        case Mapping(entries=entries):
            return {name: values_of(entry.value) for name, entry in entries.items()}
