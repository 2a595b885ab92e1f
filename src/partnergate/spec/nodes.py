"""YAML text to a tree with positions, by libyaml where PyYAML has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from partnergate.spec.tree import Entry, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.spec.tree import Tree

Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def tree_of(node: Node, file: PurePosixPath) -> Tree:
    """The tree of a composed document."""
    match node:
        case ScalarNode():
            return Scalar(file, node.start_mark, node.end_mark, node.value, not node.style)
        case SequenceNode():
            items = tuple(tree_of(item, file) for item in node.value)
            return Sequence(file, node.start_mark, node.end_mark, items)
        case MappingNode():
            entries = {}
            for key, value in node.value:
                name = Scalar(file, key.start_mark, key.end_mark, key.value, not key.style)
                entries[name.text] = Entry(name, tree_of(value, file))
            return Mapping(file, node.start_mark, node.end_mark, entries)
    raise TypeError(node)


def compose(text: str, file: PurePosixPath) -> Tree | None:
    """The document's tree, or none when it is empty."""
    loader = Parser(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    return None if node is None else tree_of(node, file)
