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


def exported(tree: ast.Module) -> tuple[str, ...] | None:
    """The names in ``__all__``, or None if it is not one literal tuple."""
    match [
        node
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in targets(node)
    ]:
        case [ast.Assign(value=ast.Tuple(elts=names))]:
            return tuple(name.value for name in names if isinstance(name, ast.Constant))
    return None


def targets(node: ast.AST) -> set[str]:
    """The names that a statement of a module binds."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name for alias in aliases}
    return set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(SOURCE.parent)))
def test_a_package_lists_its_public_names_in_a_tuple(package: Path) -> None:
    """``docs/decisions/package-exports.md`` explains what the tuple contains."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    names = exported(tree)
    assert names is not None
    assert set(names) <= {name for node in tree.body for name in targets(node)}


@pytest.mark.parametrize(
    "source", ["__all__ = []", "__all__: tuple[str, ...] = ()", "names = ()", "__all__ = ()\n__all__ = ()"]
)
def test_another_form_of_the_list_is_found(source: str) -> None:
    assert exported(ast.parse(source)) is None
