"""Canonical JSON equals the reference implementation of RFC 8785 on every value that it accepts."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from partnergate.canonical_json import MAX_INTEGER, NotCanonicalError, canonical_bytes, canonical_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-MAX_INTEGER, MAX_INTEGER), TEXT)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5)
)


@given(VALUES)
@example({"\ue000": 1, "\U0001f600": 2, "a": 3})
@example('\x00\x08\t\n\x0b\x0c\r\x1f"\\/\x7f\u2028é')
@example([MAX_INTEGER, -MAX_INTEGER, True, None])
def test_the_bytes_are_those_of_the_reference_implementation(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_and_writing_again_changes_nothing(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


@given(st.lists(st.tuples(TEXT, SCALARS), max_size=6, unique_by=lambda pair: pair[0]), st.randoms())
def test_the_order_in_which_keys_were_added_is_irrelevant(pairs, random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    assert canonical_bytes(dict(pairs)) == canonical_bytes(dict(shuffled))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {1: "a"},
        {"a": [{"b": 0.5}]},
        "\ud800",
        b"a",
        {"\udc00": 1},
    ],
)
def test_a_value_without_a_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)
