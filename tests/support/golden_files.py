"""Golden files: reviewed text that a test compares its result with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def assert_golden(file: Path, text: str) -> None:
    """Fail unless the file has this text. ``scripts/generate --golden`` writes the file instead."""
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file} differs: run scripts/generate --golden, review"
