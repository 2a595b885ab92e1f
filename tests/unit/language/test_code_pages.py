"""Every code has a page with a wrong example that triggers it and a right example that does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders.code_examples import PAGES, REPOSITORY, TODAY, WORKSPACE, problems
from golden_files import assert_golden
from partnergate.diagnostics import Severity
from partnergate.language.codes.catalog import CODES, parsed_page
from partnergate.language.codes.explanations import explanation
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated
from partnergate.rendering.diagnostics.text import diagnostic_text, diagnostics_text

GOLDEN = REPOSITORY / "tests/golden/diagnostics"


def test_every_page_is_a_code():
    assert {file.stem for file in PAGES.iterdir()} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_page_has_the_title_severity_and_sections_of_the_code(code):
    """The catalog reads title and severity from the page, so a malformed page has no code."""
    found = CODES[code]
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    first, _, kind = text.splitlines()[:3]
    assert (found.code, first) == (code, f"# {code}: {found.title}")
    assert kind.startswith(f"Severity: {found.severity}.")
    assert ("waiver" in kind) == found.waivable
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Why it matters", "Wrong", "Right", "How to fix"]


@pytest.mark.parametrize("text", ["# PG002: Title\n\nSeverity: error.\n", "# PG001: Title\n\nAn error.\n"])
def test_a_malformed_page_is_an_error(text):
    with pytest.raises(ValueError, match="PG001"):
        parsed_page("PG001", text)


@pytest.mark.parametrize("code", ["PG000", "PG27", "../PG001", "README"])
def test_other_names_are_not_codes(code):
    assert code not in CODES
    assert explanation(code) is None


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_triggers_the_code_with_its_golden_text(code):
    found = [d for d in problems(code, "Wrong") if d.code == code]
    assert found, [(d.code, d.message) for d in problems(code, "Wrong")]
    assert_golden(GOLDEN / f"{code}.txt", "\n\n".join(diagnostic_text(d) for d in found) + "\n")


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_triggers_only_its_own_code(code):
    """A follow-on error would hide the problem that the page describes."""
    errors = {d.code for d in problems(code, "Wrong") if d.severity is Severity.ERROR}
    assert errors <= {code} | FOLLOW_ON.get(code, set())


@pytest.mark.parametrize("code", CODES)
def test_the_right_example_has_no_error_and_does_not_trigger_the_code(code):
    found = problems(code, "Right")
    assert not [d for d in found if d.severity is Severity.ERROR or d.code == code]


FOLLOW_ON = {
    "PG005": {"PG013", "PG014"},  # the nested value is the whole file
    "PG011": {"PG013"},  # the intended key is missing
    "PG028": {"PG143"},  # the secret contains the ID
    "PG032": {"PG116"},  # the metadata provides no keys
    "PG151": {"PG103"},
    "PG152": {"PG121"},
    "PG201": {"PG028", "PG202"},
    "PG209": {"PG143"},  # a name belongs to exactly one partner
    "PG203": {"PG204"},  # one issuer has one authorization endpoint
}
"""Errors that the mistake inevitably causes."""


def test_every_code_in_the_source_is_declared():
    source = Path(REPOSITORY / "src/partnergate/language")
    used = {
        code
        for file in source.rglob("*.py")
        for code in re.findall(r"\"(PG[0-9]{3})\"", file.read_text(encoding="utf-8"))
    }
    assert used <= set(CODES)


def test_one_mistake_does_not_hide_other_mistakes():
    """A file with a mistake in almost every line: each is reported, in line order."""
    base = read_folder(WORKSPACE)
    content = (REPOSITORY / "tests/fixtures/diagnostics/worst/umbrella.yaml").read_bytes()
    folder = Folder(partners={**base.partners, "umbrella.yaml": content}, templates=base.templates)
    text = diagnostics_text(validated(folder, today=TODAY, variables={}), files=1)
    assert_golden(GOLDEN / "worst.txt", text)
    assert "correct-horse-battery" not in text
