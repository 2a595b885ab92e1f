"""``${name}`` in texts that belong to one environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.spec.tree import Entry, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from partnergate.spec.tree import Tree

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled_in(tree: Tree, values: MappingOf[str, str]) -> Tree:
    """The tree with every known ``${name}`` replaced; unknown ones stay as they are."""
    match tree:
        case Scalar(text=text) if "${" in text:
            return tree._replace(text=REFERENCE.sub(lambda m: values.get(m[1], m[0]), text))
        case Scalar():
            return tree
        case Sequence(items=items):
            return tree._replace(items=tuple(filled_in(item, values) for item in items))
        case Mapping(entries=entries):
            changed = {n: Entry(e.key, filled_in(e.value, values)) for n, e in entries.items()}
            return tree._replace(entries=changed)
