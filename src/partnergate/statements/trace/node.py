"""One step of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceNode:
    """One step of a trace."""

    kind: str
    """``line``, ``usage``, ``login``, ``session``, ``provider``, ``file``, ``billed``, ``excluded``,
    or ``more``."""
    title: str
    details: tuple[tuple[str, str], ...] = ()
    children: tuple[TraceNode, ...] = ()


def excluded(why: str) -> TraceNode:
    """Return the outcome of a record that no line bills."""
    return TraceNode(kind="excluded", title=f"excluded: {why}")


def count_nodes(nodes: Iterable[TraceNode], kind: str) -> int:
    """Return the number of nodes of a kind in a trace."""
    return sum((n.kind == kind) + count_nodes(n.children, kind) for n in nodes)
