"""The documents that are made from the code are the ones in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from partnergate.language.codes.catalog import CODES
from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.realm_template import REALM_TEMPLATE
from partnergate.language.shape.reference import reference
from partnergate.metering.aggregates.reference import aggregate_reference

DOCS = Path(__file__).parents[2] / "docs"


def language_reference() -> str:
    parts = [
        "# Every key of the language",
        "",
        "Made from the definition of the language; `docs/language.md` explains how the keys work together.",
        "",
        reference(PARTNER, "Partner file"),
        aggregate_reference(),
        reference(REALM_TEMPLATE, "Realm template"),
    ]
    return "\n".join(parts).rstrip() + "\n"


def code_index() -> str:
    lines = [
        "# Diagnostic codes",
        "",
        "`partnergate explain CODE` shows a page on the terminal.",
        "A code never changes its meaning.",
        "A waiver can lift those marked so; nothing lifts the others.",
        "",
        "| code | | | what it says |",
        "| --- | --- | --- | --- |",
    ]
    for code in CODES.values():
        page = f"../../src/partnergate/language/codes/pages/{code.code}.md"
        lines.append(
            f"| [{code.code}]({page}) | {code.severity} | {'waivable' if code.waivable else ''} | {code.title} |"
        )
    return "\n".join([*lines, "", f"{len(CODES)} codes.", ""])


@pytest.mark.parametrize(
    ("name", "make"), [("language-reference.md", language_reference), ("codes/README.md", code_index)]
)
def test_the_made_document_is_current(name, make):
    file, text = DOCS / name, make()
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_what_keycloak_accepts_silently_is_in_the_language_guide_with_codes_that_exist():
    import re

    guide = (DOCS / "language.md").read_text(encoding="utf-8")
    table = guide.split("## What Keycloak accepts silently", 1)[1].split("\n## ", 1)[0]
    codes = set(re.findall(r"PG[0-9]{3}", table))
    assert codes
    assert codes <= set(CODES)
