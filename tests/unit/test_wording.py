"""Numbers with singular and plural nouns, and texts without the values of environment variables."""

from __future__ import annotations

import pytest

from partnergate.realm.desired.domain_gate import domain_pattern
from partnergate.wording import concealed, counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 resources"), (1, "1 resource"), (2, "2 resources"), (12345, "12,345 resources")],
)
def test_a_number_agrees_with_its_noun_and_has_thousands_separators(number, text):
    assert counted(number, "resource") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("hidden-part.example", domain_pattern(("mail.hidden-part.example",))),
        ("Hidden-Part.Example", domain_pattern(("hidden-part.example",))),
        ("someone@hidden-part.example", "write hidden-part.example"),
        ("hidden/part", "the mapper group-hidden-part"),
        ("/Hidden/Part/", "the mapper group-Hidden-Part"),
    ],
)
def test_a_value_is_concealed_in_every_form_that_a_plan_or_message_makes_of_it(value, text):
    shown = concealed(text, {value: "(from X)"})
    assert "(from X)" in shown
    assert "hidden" not in shown.lower()
