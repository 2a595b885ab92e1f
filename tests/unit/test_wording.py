"""Numbers with singular and plural nouns."""

from __future__ import annotations

import pytest

from partnergate.wording import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 resources"), (1, "1 resource"), (2, "2 resources"), (12345, "12,345 resources")],
)
def test_a_number_agrees_with_its_noun_and_has_thousands_separators(number, text):
    assert counted(number, "resource") == text
