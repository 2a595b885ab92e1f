"""The language guide names codes that exist."""

from __future__ import annotations

import re
from pathlib import Path

from partnergate.language.codes.catalog import CODES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_guide_lists_what_keycloak_accepts_silently_with_existing_codes():

    guide = (DOCS / "language.md").read_text(encoding="utf-8")
    table = guide.split("## What Keycloak accepts silently", 1)[1].split("\n## ", 1)[0]
    codes = set(re.findall(r"PG[0-9]{3}", table))
    assert codes
    assert codes <= set(CODES)
