"""Every command in the instructions for contributors exists, and its arguments are in the script's usage."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "contributing").glob("*.md")))
COMMAND = re.compile(
    r"^(scripts/[a-z]+)((?: [^#\s]+)*) *(?:#.*)?$|`(scripts/[a-z]+)((?: [^`\s]+)*)`", re.MULTILINE
)
COMMANDS = sorted(
    {
        (line or inline, tuple((words or more).split()))
        for page in PAGES
        for line, words, inline, more in COMMAND.findall(page.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize(("script", "arguments"), COMMANDS)
def test_a_command_of_the_instructions_exists(script: str, arguments: tuple[str, ...]) -> None:
    file = ROOT / script
    assert os.access(file, os.X_OK)
    lines = file.read_text(encoding="utf-8").splitlines()
    usage = "".join(line for line in lines if line.startswith(("#", "  echo")))
    for argument in arguments:
        assert (ROOT / argument).exists() or re.match(r"[0-9]", argument) or argument in usage


def test_the_instructions_name_the_usual_commands() -> None:
    assert {script for script, _ in COMMANDS} >= {
        f"scripts/{name}" for name in ("bootstrap", "test", "lint", "format", "generate", "demo", "benchmark")
    }
