"""The page about mappers is the one that the kinds make."""

from __future__ import annotations

import os
from pathlib import Path

from partnergate.realm.mappers.page import mappers_page

PAGE = Path(__file__).parents[2] / "docs" / "mappers.md"
COMMENT = "<!-- Made from src/partnergate/realm/mappers; edit the kinds there. -->"


def test_the_page_is_current() -> None:
    """``PARTNERGATE_WRITE_GOLDEN=1`` writes it."""
    text = mappers_page(COMMENT)
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text
