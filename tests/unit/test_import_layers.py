"""The direction of imports between packages: pure packages never reach an edge."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "partnergate"

EVERYBODY = {"canonical_json", "diagnostics", "errors", "type_schema", "wording"}
SHELLS = {"playground", "service", "devstack", "cli", "doctor"}
LAYERS: dict[str, set[str]] = {
    "canonical_json": set(),
    "diagnostics": set(),
    "errors": set(),
    "type_schema": set(),
    "wording": set(),
    "private_files": set(),
    "model": set(),
    "language": {"model"},
    "realm": {"model"},
    "planning": {"realm", "language", "model"},
    "applying": {"planning", "realm", "model"},
    "signin": {"model"},
    "login": set(),
    "client": set(),
    "events": {"model"},
    "attribution": {"events", "model"},
    "metering": {"attribution", "events", "model"},
    "pricing": {"metering", "language", "model"},
    "statements": {"pricing", "metering", "attribution", "events", "model"},
    "store": {"statements", "pricing", "metering", "attribution", "events", "signin", "model"},
    "keycloak": {"realm", "events", "model", "planning", "applying", "private_files"},
    "rendering": {
        "doctor",
        "signin",
        "planning",
        "realm",
        "model",
        "statements",
        "pricing",
        "metering",
        "applying",
    },
}
"""Package -> what it may import beside itself and ``EVERYBODY``."""
PURE = ("model", "realm", "planning", "signin", "attribution", "metering", "pricing", "statements")
EDGES = {
    "requests",
    "keycloak",
    "sqlalchemy",
    "sqlite3",
    "psycopg",
    "fastapi",
    "uvicorn",
    "httpx",
    "subprocess",
    "socket",
    "random",
    "logging",
    "rich",
    "click",
}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Absolute names of the modules that a file imports, for types as well."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.ImportFrom(level=level) if level > 0:
                raise AssertionError(f"{path}: a relative import hides where it goes")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    package = package_of(path)
    if package in SHELLS or package in {"__init__", "__main__"}:
        return
    allowed = LAYERS[package] | EVERYBODY | {package}
    ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("partnergate.")}
    assert ours <= allowed, f"{package} may not import {sorted(ours - allowed)}"


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_sees_no_edge(package: str) -> None:
    for path in sorted((SOURCE / package).rglob("*.py")):
        outside = {name.split(".")[0] for name in imports_of(path)}
        assert not outside & EDGES, f"{path.relative_to(SOURCE)} imports {sorted(outside & EDGES)}"


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_asks_neither_clock_nor_environment_nor_console(package: str) -> None:
    for path in sorted((SOURCE / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="print" | "open" | "input" as name)):
                    pytest.fail(f"{path.relative_to(SOURCE)}:{node.lineno} calls {name}")
                case ast.Attribute(attr="now" | "utcnow" | "today", value=ast.Name(id="datetime" | "date")):
                    pytest.fail(f"{path.relative_to(SOURCE)}:{node.lineno} reads the clock")
                case ast.Attribute(attr="environ" | "getenv", value=ast.Name(id="os")):
                    pytest.fail(f"{path.relative_to(SOURCE)}:{node.lineno} reads the environment")


def test_every_package_has_a_layer() -> None:
    known = set(LAYERS) | SHELLS
    packages = {p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    assert packages <= known, f"name the layer of {sorted(packages - known)}"


def test_every_package_is_in_the_table_of_the_architecture() -> None:
    table = (SOURCE.parents[1] / "docs/architecture.md").read_text(encoding="utf-8")
    packages = {place.parent.name for place in SOURCE.glob("*/__init__.py")}
    assert packages == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
