"""The docstring of a package is its map: it names every module and package directly inside."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "partnergate"
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))


def inside(package: Path) -> set[str]:
    """The names of what a package contains."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(SOURCE.parent)))
def test_the_map_of_a_package_names_what_is_inside(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    page = ast.get_docstring(tree) or ""
    names = {name for part in page.split("``")[1::2] for name in part.replace(",", " ").split()}
    names |= {
        word.strip(".,:;/") for line in page.splitlines() if line.startswith("    ") for word in line.split()
    }
    for node in ast.walk(tree):  # what a registry lists needs no second mention
        match node:
            case ast.ImportFrom(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.Constant(value=str(text)):
                names.add(text.split(":")[0])
    assert sorted(inside(package) - names) == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(SOURCE.parent)))
def test_a_package_lists_its_public_names(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    assigned = {
        target.id
        for node in tree.body
        for target in (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        if isinstance(target, ast.Name)
    }
    assert "__all__" in assigned
