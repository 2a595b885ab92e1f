"""The threat model names tests that exist, and every row of controls names at least one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
ACTORS = (
    "Outsider",
    "Partner",
    "User of a partner",
    "Author of a pull request",
    "Validate job",
    "Plan job",
    "Apply job",
    "Operator",
    "Supply chain",
)


def known_tests() -> set[str]:
    """Return the names of tests, and of files with many tests of one subject."""
    files = [*(ROOT / "tests").rglob("test_*.py")]
    pattern = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
    return {
        name for file in files for name in (file.stem, *pattern.findall(file.read_text(encoding="utf-8")))
    }


def rows(heading: str) -> list[list[str]]:
    """Return the cells of each row in the table below a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, heading
    lines = [line for line in section[1].splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_named_test_exists() -> None:
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - known_tests() == set()


def test_every_control_names_its_test() -> None:
    for actor in ACTORS:
        found = rows(actor)
        assert found, actor
        for row in found:
            assert len(row) == 3, row
            assert re.search(r"`test_\w+`", row[2]), f"{actor}: {row[0]} names no test"


def test_every_accepted_risk_has_a_reason() -> None:
    found = rows("Accepted risks")
    assert len(found) >= 5
    assert all(len(row) == 3 and all(row) for row in found)
