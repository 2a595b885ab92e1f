"""``docs/pricing.md``: its section on the models is made from them, and what it claims is true.

``PARTNERGATE_WRITE_GOLDEN=1`` writes the section.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from partnergate.model.agreement import RatingRules
from partnergate.pricing.deciding import all_rules
from partnergate.pricing.models import MODELS

PAGE = Path(__file__).parents[3] / "docs" / "pricing.md"
BEGIN = "<!-- price models: made from src/partnergate/pricing/models -->\n"
END = "<!-- end of price models -->\n"


def section(model) -> str:
    """The part of the page about one model."""
    example = model.example
    events = f" in {example.events} event{'' if example.events == 1 else 's'}" if example.events else ""
    quantity = f"{example.quantity}{events}" if example.quantity else "none"
    amount = f"{example.arithmetic} = {example.amount}" if example.arithmetic else example.amount
    return "\n".join(
        [
            f"### `{model.model}`",
            "",
            model.guide,
            "| price | quantity | amount |",
            "| --- | --- | --- |",
            f"| `{example.price}` | {quantity} | {amount} |",
            "",
        ]
    )


def made() -> str:
    return "\n" + "\n".join(section(model) for model in MODELS) + "\n"


def parts() -> tuple[str, str, str]:
    """The page before, in and after the made section."""
    head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    body, tail = rest.split(END)
    return head, body, tail


def test_the_section_on_the_models_is_made_from_them():
    head, body, tail = parts()
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        body = made()
        PAGE.write_text(f"{head}{BEGIN}{body}{END}{tail}", encoding="utf-8")
    assert body == made()


def test_every_model_has_a_section():
    headings = re.findall(r"^### `(\w+)`$", parts()[1], re.MULTILINE)
    assert headings == [model.model for model in MODELS]


def test_the_defaults_on_the_page_are_those_of_the_rules():
    page = PAGE.read_text(encoding="utf-8")
    for key, value in all_rules(RatingRules()):
        assert f"| `{key}` | `{value}`" in page
