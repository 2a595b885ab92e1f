"""The items of any JSON array are found, whatever they contain."""

import json

from hypothesis import given
from hypothesis import strategies as st

from partnergate.metering.json_items import array_items, id_member

TEXTS = st.text(alphabet=st.characters(codec=None))  # lone surrogates as well
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)
INDENTS = st.sampled_from([None, 0, 1])


@given(st.lists(VALUES), INDENTS, st.booleans())
def test_each_item_is_the_text_of_its_value(values, indent, ascii_only):
    body = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    items = array_items(b" " + body + b"\n")
    assert items is not None
    assert [json.loads(item.decode("utf-8", "surrogatepass")) for item in items] == values


@given(st.binary(max_size=200) | st.text(alphabet='[]{},:"\\ a1', max_size=200).map(str.encode))
def test_any_text_is_split_or_refused(body):
    items = array_items(body)
    assert items is None or all(items)


@given(VALUES.filter(lambda v: not isinstance(v, list)))
def test_only_an_array_has_items(value):
    assert array_items(json.dumps(value).encode()) is None


@given(st.text(min_size=1, max_size=50), st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
def test_the_id_of_an_object_is_found_if_it_is_printable(name, others):
    others.pop("id", None)
    expected = name if name.isprintable() else None
    assert id_member(json.dumps({"nested": {"id": "another"}, "id": name, **others}).encode()) == expected
