"""Text of another party is limited, and contains no characters that a reader cannot see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.errors import UsageError
from partnergate.model.written_text import MESSAGE, NAME, TextLimits, cleaned, visible

HIDDEN = {
    "escape": "\x1b",
    "bell": "\x07",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "Arabic letter mark": "\u061c",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "private use": "\ue000",
    "lone surrogate": "\ud83d",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_characters_are_removed_on_arrival_and_shown_as_codes_on_display(name):
    text = f"pay{HIDDEN[name]}ment"
    assert cleaned(text, MESSAGE, "message") == "payment"
    assert visible(text) == f"pay[U+{ord(HIDDEN[name]):04X}]ment"


@pytest.mark.parametrize(
    "text", ["we count less\nthan you", "price\t5 \u20ac", "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937", "e\u0301", "\u05e9\u05dc\u05d5\u05dd"]
)  # fmt: skip
def test_text_of_every_script_is_unchanged(text):
    assert cleaned(text, MESSAGE, "message") == visible(text) == text


@pytest.mark.parametrize("blank", ["\u3164", "\u115f", "\u2800", "\u034f", "\ufe0f", "\U000e0100"])
def test_letters_without_a_shape_are_hidden_characters(blank):
    assert cleaned(f"{blank}no{blank}tice{blank}", MESSAGE, "message") == "notice"
    assert not cleaned(blank, MESSAGE, "message")
    assert visible(blank) == f"[U+{ord(blank):04X}]"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85"])
def test_line_ends_have_one_form(end):
    assert cleaned(f"a{end}b", MESSAGE, "message") == "a\nb"
    assert cleaned(f"a{end}b", NAME, "name") == "a b"


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("x" * 4001, MESSAGE),
        ("x\n" * 101 + "x", MESSAGE),
        ("x" * 201, NAME),
        ("ab", TextLimits(characters=1)),
    ],
)
def test_text_above_a_limit_is_refused(text, limits):
    with pytest.raises(UsageError, match=r"the message (is longer|has more)"):
        cleaned(text, limits, "message")


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaned_text_has_nothing_hidden(text):
    found = cleaned(text, TextLimits(characters=10**6, lines=10**6), "message")
    assert visible(found) == found
