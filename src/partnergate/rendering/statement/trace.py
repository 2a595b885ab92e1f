"""A trace as a tree for the terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.tree import Tree

from partnergate.rendering.plain_text import cell
from partnergate.safe_text import json_text, plain

if TYPE_CHECKING:
    from rich.text import Text

    from partnergate.statements.trace.node import TraceNode

_STYLES = {"billed": "green", "excluded": "yellow", "line": "bold", "more": "dim"}


def trace_tree(node: TraceNode) -> Tree:
    """Return the trace as a tree, each step below its cause."""
    tree = Tree(_label(node), guide_style="dim")
    for child in node.children:
        _add(tree, child)
    return tree


def trace_json(node: TraceNode) -> str:
    """The trace as JSON."""
    return json_text(_value(node)) + "\n"


def _add(tree: Tree, node: TraceNode) -> None:
    branch = tree.add(_label(node))
    for child in node.children:
        _add(branch, child)


def _label(node: TraceNode) -> Text:
    label = cell(node.title, style=_STYLES.get(node.kind, ""))
    if node.details:
        details = ", ".join(f"{key} {_short(value)}" for key, value in node.details)
        label.append(f"  {plain(details)}", style="dim")
    return label


def _short(value: str) -> str:
    """Hashes truncated for people; the JSON has them complete."""
    words = value.split(" ")
    return " ".join(w[:10] if len(w) >= 40 and w.isalnum() else w for w in words)  # noqa: PLR2004 - a commit


def _value(node: TraceNode) -> dict[str, Any]:
    return {
        "kind": node.kind,
        "title": node.title,
        "details": dict(node.details),
        "children": [_value(c) for c in node.children],
    }
