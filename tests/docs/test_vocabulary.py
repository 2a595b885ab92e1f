"""The vocabulary check finds terms to avoid in text and identifiers, and respects the allowed uses."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SPEC = importlib.util.spec_from_file_location("vocabulary", ROOT / "scripts/checks/vocabulary.py")
assert _SPEC is not None
assert _SPEC.loader is not None
vocabulary = importlib.util.module_from_spec(_SPEC)
sys.modules["vocabulary"] = vocabulary
_SPEC.loader.exec_module(vocabulary)

CHECKER = vocabulary.Checker(vocabulary.PAGE.read_text(encoding="utf-8"))


def found(path: str, text: str) -> list[str]:
    return [str(one) for one in CHECKER.found(path, text)]


def test_a_finding_names_file_line_term_and_replacement():
    assert found("docs/page.md", "First.\nFix what is\nmended.") == [
        "docs/page.md:3: mended -> fix; correct (data)"
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", "def test_usage_of_nobody(): ..."),
        ("src/a.py", "nobodys_usage = 1"),
        ("src/a.py", "def _whose(event): ..."),
        ("src/a.py", "told = read()"),
        ("docs/a.md", "It is\nnot there."),
        ("docs/a.md", "a Colour"),
        ("src/page.html", "3 facts"),
    ],
)
def test_terms_are_found_in_text_and_identifiers(path, text):
    assert len(found(path, text)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", "# users whose claims match"),  # limited to identifiers
        ("docs/a.md", "3 facts"),  # limited to templates
        ("src/a.py", "for word in words"),  # limited to prose
        ("docs/a.md", "an amendment, an outdoor standstill"),  # parts of words
        ("docs/a.md", "After this there is more"),  # the end of a word
        ("src/partnergate/money/payments.py", "settled"),  # allowed there
    ],
)
def test_other_uses_are_not_reported(path, text):
    assert found(path, text) == []


def test_the_name_of_a_file_is_checked():
    assert [str(one) for one in CHECKER.found_in_name("src/normalise.py")] == [
        "src/normalise.py (file name): normalise -> American spelling: -ize"
    ]


def test_an_unknown_limit_is_an_error():
    page = vocabulary.PAGE.read_text(encoding="utf-8").replace("| prose |", "| somewhere |")
    with pytest.raises(ValueError, match="somewhere"):
        vocabulary.Checker(page)
