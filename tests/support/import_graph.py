"""The imports between the modules of partnergate, read from their source without importing them."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SOURCE = Path(__file__).parents[2] / "src" / "partnergate"
PACKAGE = "partnergate"


@cache
def modules() -> dict[str, Path]:
    """Each module of the package as ``partnergate.room.module``, and its file."""
    return {_module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def _module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imported_names(source: str) -> frozenset[str]:
    """Absolute names that a source imports, in functions and for types as well.

    Each is a module, or a name inside one: ``from a.b import c`` is ``a.b.c``.
    Raises ``ValueError`` for a relative import, because it hides which room it enters.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found |= {f"{module}.{alias.name}" for alias in names}
            case ast.ImportFrom(level=level) if level > 0:
                message = f"line {node.lineno}: relative import"
                raise ValueError(message)
    return frozenset(found)


def imported_modules(names: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """The modules out of ``known`` that ``names`` refer to, each by its own name or by a name inside it."""
    known = frozenset(known)
    found = set()
    for name in names:
        if name in known:
            found.add(name)
        elif (parent := name.rpartition(".")[0]) in known:
            found.add(parent)
    return frozenset(found)


@cache
def module_graph() -> dict[str, frozenset[str]]:
    """Module -> the modules of partnergate that it imports."""
    known = modules()
    return {
        name: imported_modules(imported_names(path.read_text(encoding="utf-8")), known) - {name}
        for name, path in known.items()
    }


def circles(graph: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Import circles, each as a path that ends where it starts. Empty when there are none.

    A circle is recorded and one of its imports removed until none is left, so that one run reports
    every tangle, though not each of the many paths through it.
    """
    left = {node: set(targets) for node, targets in graph.items()}
    found = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            path = tuple(reversed(error.args[1]))
            found.append(path)
            left[path[0]].discard(path[1])
        else:
            return tuple(found)
