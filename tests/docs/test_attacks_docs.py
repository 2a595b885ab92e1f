"""Every test of the attack suite is in the table, and every test in the table exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/attacks.md"
SUITE = sorted((ROOT / "tests/integration/signin").glob("test_attack_*.py"))
CONTROLS = {
    "test_a_right_answer_gets_in",
    "test_a_right_response_gets_in",
    "test_an_identifier_that_ends_with_a_dot_is_one",
    "test_the_redirect_uri_is_the_partners_own_endpoint",
    "test_a_denied_login_says_so_and_leaves_nothing",
}


def names_in(files: list[Path]) -> set[str]:
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}


def test_every_attack_is_in_the_table() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    assert names_in(SUITE) - CONTROLS - named == set()


def test_every_test_in_the_table_exists() -> None:
    files = [*(ROOT / "tests").rglob("test_*.py")]
    known = names_in(files) | {file.stem for file in files}
    assert set(re.findall(r"`(test_\w+)`", PAGE.read_text())) - known == set()
