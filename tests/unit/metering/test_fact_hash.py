"""The hash of a set of facts: order does not matter, parts add up, content does matter."""

from hypothesis import given
from hypothesis import strategies as st

from partnergate.metering.fact_hash import add_weights, fact_set, fact_weight, facts_of, usage_identity

SETS = st.sets(st.text(min_size=1), max_size=12)


@given(SETS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_parts_add_up(facts, order):
    listed = sorted(facts)
    order.shuffle(listed)
    half = len(listed) // 2
    one, other = (sum(map(fact_weight, part)) for part in (listed[:half], listed[half:]))
    assert facts_of(listed) == facts_of(sorted(facts)) == fact_set(len(facts), add_weights(one, other))


@given(SETS, SETS)
def test_different_sets_differ(one, other):
    assert (facts_of(one) == facts_of(other)) == (one == other)


def test_an_amended_event_is_another_fact():
    assert facts_of([usage_identity("s", "1")]) != facts_of([usage_identity("s", "1", "a")])
