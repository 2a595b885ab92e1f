"""Every code has a page, a wrong example that triggers it and a right one that does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builders.code_examples import PAGES, REPOSITORY, TODAY, WORKSPACE, problems
from golden_files import assert_golden
from partnergate.diagnostics import Severity
from partnergate.language.codes.catalog import CODES
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated
from partnergate.rendering.diagnostics.text import diagnostic_text, diagnostics_text

GOLDEN = REPOSITORY / "tests/golden/diagnostics"


def test_every_code_has_a_page_and_every_page_a_code():
    assert {page.stem for page in PAGES.glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_titled_as_the_code_is(code):
    first, _, kind = (PAGES / f"{code}.md").read_text(encoding="utf-8").splitlines()[:3]
    assert first == f"# {code}: {CODES[code].title}"
    assert kind.startswith("A warning" if CODES[code].severity is Severity.WARNING else "An error")
    assert ("waiver" in kind) == CODES[code].waivable


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_gives_the_code_and_its_golden_text(code):
    found = [d for d in problems(code, "Wrong") if d.code == code]
    assert found, [(d.code, d.message) for d in problems(code, "Wrong")]
    assert_golden(GOLDEN / f"{code}.txt", "\n\n".join(diagnostic_text(d) for d in found) + "\n")


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_shows_its_own_problem_only(code):
    """A follow-on error would hide what the page is about."""
    errors = {d.code for d in problems(code, "Wrong") if d.severity is Severity.ERROR}
    assert errors <= {code} | FOLLOW_ON.get(code, set())


@pytest.mark.parametrize("code", CODES)
def test_the_right_example_has_no_error_and_not_the_code(code):
    found = problems(code, "Right")
    assert not [d for d in found if d.severity is Severity.ERROR or d.code == code]


FOLLOW_ON = {
    "PG005": {"PG013", "PG014"},  # the nested value is the whole file
    "PG011": {"PG013"},  # the key that is meant is missing
    "PG028": {"PG143"},  # the secret is named after the id
    "PG032": {"PG116"},  # no keys can be taken from the metadata
    "PG151": {"PG103"},
    "PG152": {"PG121"},
    "PG201": {"PG028", "PG202"},
    "PG203": {"PG204"},  # one issuer has one authorization endpoint
}
"""Errors that the mistake itself brings along."""


def test_codes_that_the_source_uses_are_declared():
    source = Path(REPOSITORY / "src/partnergate/language")
    used = {
        code
        for file in source.rglob("*.py")
        for code in re.findall(r"\"(PG[0-9]{3})\"", file.read_text(encoding="utf-8"))
    }
    assert used <= set(CODES)


def test_one_mistake_does_not_hide_the_others():
    """A file with a mistake in almost every line: each is told, in the order of the lines."""
    base = read_folder(WORKSPACE)
    content = (REPOSITORY / "tests/fixtures/diagnostics/worst/umbrella.yaml").read_bytes()
    folder = Folder(partners={**base.partners, "umbrella.yaml": content}, templates=base.templates)
    text = diagnostics_text(validated(folder, today=TODAY, variables={}), files=1)
    assert_golden(GOLDEN / "worst.txt", text)
    assert "correct-horse-battery" not in text
