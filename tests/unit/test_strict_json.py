"""The strict decoder: one meaning for all readers, in bounded time, with the place of each problem."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.strict_json import EXACT_LIMITS, LIMITS, Limits, StrictJsonError, decode_json

REFUSED = {
    '{"a": {"total": 1,\n"b": [1, {"x": 1, "x": 2}]}}': "line 2, a.b[1].x: duplicate key",
    '{"total": "1", "\\u0074otal": "2"}': "line 1, total: duplicate key",
    '{"a": NaN}': "line 1, a: NaN is not a JSON number",
    "[-Infinity]": "line 1, [0]: -Infinity is not a JSON number",
    "[1e999]": "line 1, [0]: number out of range: 1e999",
    "[1,\n\n1E+999999999]": "line 3, [1]: number out of range: 1E+999999999",
    f"[{'1' * 5_000}]": f"line 1, [0]: number with more than 64 characters: {'1' * 60}…",
    '{"a": "\\ud800"}': "line 1, a: unpaired surrogate",
    '{"\\udc00": 1}': "line 1, \\udc00: unpaired surrogate",
    '{"a": "\ud800"}': "line 1: unpaired surrogate",
    "\ufeff{}": "line 1: byte order mark; save the file as UTF-8 without one",
    '{"a": [1,\n2,}': "line 2: expecting value",
    '{"\\u001b[2J": 1, "\\u001b[2J": 2}': "line 1, \\x1b[2J: duplicate key",
    "": "line 1: expecting value",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_a_text_that_readers_understand_differently_is_refused_with_its_place(text: str, message: str):
    with pytest.raises(StrictJsonError) as caught:
        decode_json(text)
    assert str(caught.value) == message


def test_invalid_utf8_is_refused_with_its_line():
    with pytest.raises(StrictJsonError, match=r"^line 2: invalid UTF-8: byte 0xff$"):
        decode_json(b'{"a":\n"\xff"}')


@pytest.mark.parametrize("text", ["[" * 200_000, "[" * 65 + "]" * 65, '{"a":' * 65 + "1" + "}" * 65])
def test_deep_nesting_is_refused(text: str):
    with pytest.raises(StrictJsonError, match="more than 64 levels of nesting"):
        decode_json(text)


def test_the_place_of_an_error_is_looked_for_in_bounded_time():
    began = time.process_time()
    with pytest.raises(StrictJsonError):
        decode_json("[" + "1," * 4_000_000 + "NaN]")
    assert time.process_time() - began < 15


def test_nesting_up_to_the_limit_is_accepted():
    assert decode_json("[" * LIMITS.depth + "]" * LIMITS.depth)


def test_a_document_beyond_the_size_limit_is_refused_before_it_is_decoded():
    with pytest.raises(StrictJsonError, match="more than 10 bytes"):
        decode_json(b'"' + b"a" * 10 + b'"', Limits(size=10))


@pytest.mark.parametrize("number", ["1.5", "1e3", "-0.0"])
def test_exact_documents_have_no_fractions(number: str):
    with pytest.raises(StrictJsonError, match="is not a string"):
        decode_json(f"[{number}]", EXACT_LIMITS)


@pytest.mark.parametrize(
    "text",
    ['"' + '\\"' * 2_000_000, '["' + "\\" * 4_000_001, "[" * 4_000_000, '{"a":1,"a":1,' * 300_000],
    ids=["quotes", "backslashes", "brackets", "keys"],
)
def test_hostile_texts_take_linear_time(text: str):
    start = time.perf_counter()
    with pytest.raises(StrictJsonError):
        decode_json(text)
    assert time.perf_counter() - start < 20


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=_VALUES.filter(lambda v: "Infinity" not in json.dumps(v)), ascii_only=st.booleans())
def test_every_other_value_is_decoded_as_json_does(value: object, ascii_only: bool):
    text = json.dumps(value, ensure_ascii=ascii_only)
    if "\ud800" <= max(text, default="") <= "\udfff":
        return
    assert decode_json(text.encode()) == value
