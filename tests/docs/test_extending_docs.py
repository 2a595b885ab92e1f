"""The instructions for a new variant name existing files, and names that these files define."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "contributing" / "extending.md"
TEXT = PAGE.read_text(encoding="utf-8")
PATHS = sorted({path for path in re.findall(r"`((?:src|tests)/[^`<]+)`", TEXT) if "nnn" not in path})
"""Every path on the page without a placeholder."""
NAMES = re.findall(r"`([A-Za-z_]+)` in `((?:src|tests)/[^`<]+)`", TEXT)


@pytest.mark.parametrize("path", PATHS)
def test_a_named_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("name", "path"), NAMES)
def test_a_named_definition_exists(name: str, path: str) -> None:
    content = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(class )?{name}\b", content, re.MULTILINE)


def test_every_variant_has_its_instructions() -> None:
    assert len(PATHS) >= 12
    assert {name for name, _ in NAMES} >= {
        "_REGISTERED",
        "_MODULES",
        "KINDS",
        "BY_MODEL",
        "ORACLES",
        "BRUTE_FORCE",
    }
