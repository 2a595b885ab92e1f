"""Many events counted at once give the tallies that the definition of a meter gives one by one."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.aggregates import BRUTE_FORCE
from partnergate.metering.aggregates import AGGREGATES, aggregate_named
from partnergate.metering.aggregates.aggregate import CountedEvent, EventQuantity
from partnergate.metering.counting import counted
from partnergate.metering.fact_hash import fact_weight, usage_identity
from partnergate.metering.meters import measured_tally
from partnergate.metering.series import REST, Series
from partnergate.metering.tally import merged
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.metering.usage_corrections import EffectiveEvent
from partnergate.model.event_data import text_of
from partnergate.model.instants import from_us

VALUES = st.one_of(
    st.integers(-(10**30), 10**30),
    st.decimals(min_value=-(10**9), max_value=10**9, places=6),
    st.sampled_from(["2.50", "-3", "n/a", "", True, None]),
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "quantity": VALUES,
        "model": st.sampled_from(["m1", "m2", 1, Decimal("1.0"), True, None]),
        "workspace": st.sampled_from(["w1", "w2", 7, Decimal("7.00"), None, ""]),
    },
)
EVENTS = st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["one", "other"]), DATA), max_size=25)
WHERE = st.sampled_from([(), (("model", "m1"),), (("model", "1"), ("workspace", "w1"))])
SERIES = st.builds(
    Series,
    event=st.just("task.run"),
    aggregate=st.sampled_from([aggregate.name for aggregate in AGGREGATES]),
    of=st.sampled_from(["quantity", "workspace", None]),
    where=WHERE,
    splits=st.sampled_from([(), ((("model", "m1"),),), ((("model", "m2"),), (("workspace", "7"),))]),
)
EVERY_AGGREGATE = pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda a: a.name)


def counted_events(made):
    return [
        CountedEvent(time, source, str(n), data, usage_identity(source, str(n)))
        for n, (time, source, data) in enumerate(made)
    ]


@given(EVENTS, st.lists(SERIES, max_size=4))
def test_counting_a_group_equals_the_merged_tallies_of_its_events(made, series):
    events = counted_events(made)
    numbered = list(enumerate(series))
    found = {(part.series, part.split): part.tally for part in counted(events, numbered)}
    assert found == {
        key: merged(tallies, aggregate_named(series[key[0]].aggregate).merge)
        for key, tallies in _one_by_one(events, numbered).items()
    }


@EVERY_AGGREGATE
@settings(deadline=None)
@given(made=EVENTS, of=st.sampled_from(["quantity", "workspace"]))
def test_an_aggregate_follows_its_definition(aggregate, made, of):
    """The definition is the obvious computation over all events at once."""
    events = counted_events(made)
    series = Series(event="task.run", aggregate=aggregate.name, of=of)
    tallies = [part.tally for part in counted(events, [(0, series)])]
    total = merged(tallies, aggregate.merge)
    count, value = BRUTE_FORCE[aggregate.name](events, of)
    assert (total.count, aggregate.value(total.count, total.state)) == (count, value)


@EVERY_AGGREGATE
@settings(deadline=None)
@given(made=EVENTS, cuts=st.lists(st.integers(0, 25), max_size=4), order=st.randoms(use_true_random=False))
def test_tallies_of_parts_merge_into_the_complete_tally_in_any_order(aggregate, made, cuts, order):
    """Rollups keep one tally an hour, and corrections or late events add tallies later."""
    events = counted_events(made)
    series = Series(event="task.run", aggregate=aggregate.name, of="quantity")
    edges = [0, *sorted(cuts), len(events)]
    parts = [events[a:b] for a, b in pairwise(edges)]
    order.shuffle(parts)
    tallies = [one.tally for part in parts for one in counted(part, [(0, series)])]
    whole = [one.tally for one in counted(events, [(0, series)])]
    assert merged(tallies, aggregate.merge) == merged(whole, aggregate.merge)


@EVERY_AGGREGATE
@settings(deadline=None)
@given(made=EVENTS)
def test_a_stored_state_reads_back_as_it_was_and_has_one_text(aggregate, made):
    series = Series(event="task.run", aggregate=aggregate.name, of="quantity")
    for part in counted(counted_events(made), [(0, series)]):
        if part.tally.state is None or aggregate.distinct:
            continue
        text = aggregate.encode(part.tally.state)
        assert aggregate.decode(text) == part.tally.state
        assert aggregate.encode(aggregate.decode(text)) == text


@EVERY_AGGREGATE
@settings(deadline=None)
@given(made=EVENTS, of=st.sampled_from(["quantity", "workspace"]))
def test_an_event_counts_if_and_only_if_it_has_no_exclusion(aggregate, made, of):
    series = Series(event="task.run", aggregate=aggregate.name, of=of)
    for event in counted_events(made):
        (part,) = counted([event], [(0, series)])
        reason = aggregate.why_unmeasured(event.data, of)
        alone = aggregate.event_quantity(event.data.get(of))
        assert part.split == REST
        assert (part.tally.count == 1) == (reason is None) == (alone is not None)


@EVERY_AGGREGATE
@settings(deadline=None)
@given(made=EVENTS)
def test_the_deciding_events_make_up_the_quantity(aggregate, made):
    """Reconciliation prices the deciding events alone, so they must give the quantity of all."""
    series = Series(event="task.run", aggregate=aggregate.name, of="quantity")
    events = sorted(counted_events(made), key=lambda e: e[:3])
    measured = [e for e in events if aggregate.why_unmeasured(e.data, "quantity") is None]
    chosen = aggregate.deciding(event_quantities(aggregate, measured))
    deciding = measured if chosen is None else [measured[place] for place in sorted(chosen)]
    assert quantity(aggregate, series, deciding) == quantity(aggregate, series, events)
    if chosen is not None:
        alone = sum(Fraction(aggregate.event_quantity(e.data.get("quantity"))) for e in deciding)
        assert alone == quantity(aggregate, series, events)


def event_quantities(aggregate, events):
    return [
        EventQuantity(aggregate.event_quantity(e.data.get("quantity")), text_of(e.data.get("quantity")))
        for e in events
    ]


def quantity(aggregate, series, events):
    total = merged([part.tally for part in counted(events, [(0, series)])], aggregate.merge)
    return aggregate.value(total.count, total.state)


def _effective(event):
    sent = UsageEvent(
        source=event.source,
        id=event.id,
        type="task.run",
        time=from_us(event.time_us),
        subject_kind=SubjectKind.SESSION,
        subject="s1",
        data=event.data,
    )
    return EffectiveEvent(event=sent, identity=event.identity)


def _one_by_one(events, numbered):
    tallies = {}
    for event in events:
        for number, series in numbered:
            split = series.split_of(event.data)
            if split is not None:
                tally = measured_tally(series, _effective(event), fact_weight(event.identity))
                tallies.setdefault((number, split), []).append(tally)
    return tallies
