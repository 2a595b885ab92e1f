"""A name means one thing: no two public classes share one, and no two modules without a reason."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import PurePosixPath

from import_graph import PACKAGE, modules

EDGES = frozenset(
    [
        "cli",
        "client",
        "devstack",
        "doctor",
        "keycloak",
        "login",
        "playground",
        "rendering",
        "service",
        "store",
    ],
)
"""Rooms that act on, show or store a subject of the pure rooms, in a module with the name of the subject."""
CONVENTIONAL = {
    "__init__": "every package has one",
    "__main__": "the entry point of a package that can be run",
    "ports": "the interfaces that a room needs from outside",
    "page": "the text of the page in docs/ that lists the variants of its package",
}
PARALLEL = {
    ("model", "language/keys", "language/building", "language/rules"): (
        "a part of a partner file is a value, its keys, how it is built and its rules"
    ),
    ("realm/desired", "realm/representation"): "a resource as desired and as Keycloak represents it",
    ("cli/audit", "cli/realm", "cli/realm/partner", "cli/signin", "cli/statement", "cli/statement/dispute", "cli/store", "cli/usage"): (
        "a module has the name of its command, and groups have commands of the same name"
    ),
    ("rendering/diagnostics", "rendering/plan", "rendering/statement"): "a module has the name of its format",
}  # fmt: skip
"""Folders that have a module for the same subject each, with the reason."""


def module_paths() -> list[PurePosixPath]:
    """The path of every module, relative to the package."""
    return [
        PurePosixPath(*path.parts[path.parts.index(PACKAGE) + 1 :]) for path in sorted(modules().values())
    ]


def collisions(paths: list[PurePosixPath]) -> dict[str, list[str]]:
    """The paths that share a file name within the pure rooms or within one other room."""
    found: dict[tuple[str, str], list[PurePosixPath]] = defaultdict(list)
    for path in paths:
        area = path.parts[0] if path.parts[0] in EDGES else "pure rooms"
        found[area, path.stem].append(path)
    return {
        name: [str(path) for path in same]
        for (_, name), same in found.items()
        if len(same) > 1 and name not in CONVENTIONAL and not _are_parallel(same)
    }


def _are_parallel(paths: list[PurePosixPath]) -> bool:
    folders = {str(path.parent) for path in paths}
    return any(folders <= set(group) for group in PARALLEL)


def test_no_two_modules_have_one_name() -> None:
    assert collisions(module_paths()) == {}


def test_two_modules_of_the_pure_rooms_with_one_name_are_found() -> None:
    same = [PurePosixPath("pricing/canonical.py"), PurePosixPath("statements/canonical.py")]
    assert collisions(same) == {"canonical": ["pricing/canonical.py", "statements/canonical.py"]}


def test_every_listed_folder_of_parallel_modules_exists() -> None:
    existing = {str(path.parent) for path in module_paths()}
    assert {folder for group in PARALLEL for folder in group} - existing == set()


def test_no_two_public_classes_have_one_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for module, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
