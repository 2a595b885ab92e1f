"""Refuses what reads the machine's clock where the time should come in as an argument.

In the package only the files of ``EDGES`` read it. Suites against real servers name it as ``real_clock``;
the fast suites do not at all, so that they pass on every day. Durations (``time.monotonic``) are free.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EDGES = frozenset(
    {
        "src/partnergate/cli/clock.py",  # commands
        "src/partnergate/client/events.py",  # the host's product, which has no other clock
        "src/partnergate/keycloak/connection.py",  # the server's clock, carried on by this one
        "src/partnergate/keycloak/session.py",  # the same
        "src/partnergate/store/database/opening.py",  # when a migration ran
        "src/partnergate/playground/real_clock.py",  # suites and demo on real servers
    }
)
REAL_TIME = ("tests/contract/", "tests/integration/", "tests/support/hostile/", "tests/support/worlds/")
CLOCKS = frozenset({"partnergate.playground.real_clock", "partnergate.cli.clock"})
_OF_DATES = frozenset({"now", "utcnow", "today"})
_OF_TIME = frozenset({"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"})


def readings(text: str, *, fast: bool) -> Iterator[tuple[int, str]]:
    """(line, what) of each reading of the clock; ``fast`` also refuses the names of our real clocks."""
    tree = ast.parse(text)
    modules = {"time"} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "time"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=owner, attr=name) if name in _OF_DATES and _last(owner) in {
                "datetime",
                "date",
            }:
                yield node.lineno, f"{_last(owner)}.{name}"
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in modules and name in _OF_TIME:
                yield node.lineno, f"time.{name}"
            case ast.ImportFrom(module="time", names=names):
                yield from ((node.lineno, f"time.{a.name}") for a in names if a.name in _OF_TIME)
            case ast.ImportFrom(module=module) if fast and module in CLOCKS:
                yield node.lineno, str(module)


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def main() -> int:
    """Print each reading that is not allowed; 1 when there is any."""
    found = 0
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        name = path.relative_to(ROOT).as_posix()
        if name in EDGES:
            continue
        fast = name.startswith("tests/") and not name.startswith(REAL_TIME)
        for line, what in readings(path.read_text(encoding="utf-8"), fast=fast):
            found += 1
            print(f"{name}:{line}: {what} reads the machine's clock; take the time as an argument")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
