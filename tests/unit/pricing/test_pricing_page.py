"""What ``docs/pricing.md`` claims is true."""

from __future__ import annotations

import re
from pathlib import Path

from partnergate.model.agreement import RatingRules
from partnergate.pricing.deciding import all_rules
from partnergate.pricing.models import MODELS

PAGE = Path(__file__).parents[3] / "docs" / "pricing.md"


def test_every_model_has_a_section():
    headings = re.findall(r"^### `(\w+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [h for h in headings if h in {m.model for m in MODELS}] == [model.model for model in MODELS]


def test_the_defaults_on_the_page_are_those_of_the_rules():
    page = PAGE.read_text(encoding="utf-8")
    for key, value in all_rules(RatingRules()):
        assert f"| `{key}` | `{value}`" in page
