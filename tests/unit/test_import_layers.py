"""The direction of imports between packages: pure packages never reach an edge."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "partnergate"

EVERYBODY = {"diagnostics", "errors", "wording"}
SHELLS = {"playground", "service", "devstack", "cli", "doctor"}
LAYERS: dict[str, set[str]] = {
    "diagnostics": set(),
    "errors": set(),
    "wording": set(),
    "private_files": set(),
    "model": set(),
    "metering.aggregates": {"model"},
    "language": {"model", "metering.aggregates"},
    "realm": {"model"},
    "planning": {"realm", "language", "model"},
    "applying": {"planning", "realm", "model"},
    "signin": {"model"},
    "login": set(),
    "client": set(),
    "events": {"model"},
    "attribution": {"events", "model"},
    "metering": {"metering.aggregates", "attribution", "events", "model"},
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
"""Package -> what it may import beside itself and ``EVERYBODY``; ``metering`` includes its aggregates."""
FLOORS = ("metering.aggregates",)
"""Packages inside a package that are a layer of their own."""
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
    return layer_of(".".join(path.relative_to(SOURCE).with_suffix("").parts))


def layer_of(module: str) -> str:
    """The layer of a module, by its name below ``partnergate``."""
    floor = next((f for f in FLOORS if f"{module}.".startswith(f"{f}.")), None)
    return floor or module.split(".", maxsplit=1)[0]


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
    if "metering" in allowed:
        allowed |= LAYERS["metering"] & set(FLOORS)
    prefix = "partnergate."
    ours = {layer_of(name.removeprefix(prefix)) for name in imports_of(path) if name.startswith(prefix)}
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
