"""Each of the nineteen billing rules has a test with its number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_billing_rule_has_a_test_with_its_number() -> None:
    named = {
        int(number)
        for file in TESTS.rglob("test_*.py")
        for number in re.findall(r"^def test_rule_(\d+)_", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named == set(range(1, 20))
