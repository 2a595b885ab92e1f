"""Many events counted at once give the tallies that the definition of a meter gives one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from partnergate.metering.corrections import EffectiveEvent
from partnergate.metering.counting import CountedEvent, counted
from partnergate.metering.fact_hash import fact_weight, usage_identity
from partnergate.metering.meters import distinct_value, measured_tally
from partnergate.metering.series import Series
from partnergate.metering.tally import merged
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import Aggregate
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
    aggregate=st.sampled_from(Aggregate),
    of=st.sampled_from(["quantity", "workspace", None]),
    where=WHERE,
    splits=st.sampled_from([(), ((("model", "m1"),),), ((("model", "m2"),), (("workspace", "7"),))]),
)


@given(EVENTS, st.lists(SERIES, max_size=4))
def test_counting_a_group_equals_the_merged_tallies_of_its_events(made, series):
    events = [
        CountedEvent(time, source, str(n), data, usage_identity(source, str(n)))
        for n, (time, source, data) in enumerate(made)
    ]
    numbered = list(enumerate(series))
    found = {(part.series, part.split): part for part in counted(events, numbered)}
    assert {key: part.tally for key, part in found.items()} == {
        key: merged(tallies) for key, tallies in _one_by_one(events, numbered).items()
    }
    for (number, split), part in found.items():
        assert part.first == _first_times(events, series[number], split)


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


def _first_times(events, series, split):
    first = {}
    if series.aggregate is Aggregate.UNIQUE_COUNT:
        for event in events:
            value = distinct_value(series, _effective(event))
            if value is not None and series.split_of(event.data) == split:
                first[value] = min(first.get(value, event.time_us), event.time_us)
    return first
