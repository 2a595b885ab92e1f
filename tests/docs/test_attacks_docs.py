"""Every test of the attack suite is in the table, and the table names existing tests only."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/attacks.md"
SUITE = sorted((ROOT / "tests/integration/signin").glob("test_attack_*.py"))
CONTROLS = {
    "test_a_valid_response_is_accepted",
    "test_a_valid_saml_response_is_accepted",
    "test_an_identifier_can_end_with_a_dot",
    "test_the_redirect_uri_is_the_endpoint_of_the_partner",
    "test_a_denied_login_shows_a_message_and_creates_no_user",
}


def names_in(files: list[Path]) -> set[str]:
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}


def test_every_attack_is_in_the_table() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    assert names_in(SUITE) - CONTROLS - named == set()


def test_the_table_names_existing_tests() -> None:
    files = [*(ROOT / "tests").rglob("test_*.py")]
    known = names_in(files) | {file.stem for file in files}
    assert set(re.findall(r"`(test_\w+)`", PAGE.read_text())) - known == set()
