"""The documents that are generated from the language are current."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from partnergate.language.codes.catalog import CODES
from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.realm_template import REALM_TEMPLATE
from partnergate.language.shape.reference import reference

DOCS = Path(__file__).parents[2] / "docs"


def language_reference() -> str:
    parts = [
        "# Language reference",
        "",
        "This page is for authors of partner files and realm templates: look up what each key accepts.",
        "It is generated from the definition of the language.",
        "[The partner file](language.md) explains how the keys work together.",
        "",
        reference(PARTNER, "Partner file"),
        reference(REALM_TEMPLATE, "Realm template"),
    ]
    return "\n".join(parts).rstrip() + "\n"


def code_index() -> str:
    lines = [
        "# Diagnostic codes",
        "",
        "This page is for authors of partner files: look up a diagnostic code of `partnergate validate`.",
        "Each code links to a page with a wrong example, a right example, and the fix.",
        "`partnergate explain CODE` shows the same page in the terminal.",
        "The meaning of a code never changes.",
        "A waiver can lower the waivable codes to notes.",
        "",
        "| Code | Severity | | Title |",
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
def test_the_generated_document_is_current(name, make):
    file, text = DOCS / name, make()
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_the_guide_lists_what_keycloak_accepts_silently_with_existing_codes():
    import re

    guide = (DOCS / "language.md").read_text(encoding="utf-8")
    table = guide.split("## What Keycloak accepts silently", 1)[1].split("\n## ", 1)[0]
    codes = set(re.findall(r"PG[0-9]{3}", table))
    assert codes
    assert codes <= set(CODES)
