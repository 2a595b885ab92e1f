"""The store answers every meter as ``metering.meters`` defines it, for random events and any span."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import REALM
from builders.usage import NOW, amend, every_meter, prepared, usage, void
from partnergate.metering.meters import (
    AttributedUsage,
    MeteredSpan,
    Seen,
    active_user_quantity,
    usage_quantities,
)
from partnergate.metering.series import series_of_charge
from partnergate.metering.usage_corrections import effective_events
from partnergate.model.agreement import UsageMeter
from partnergate.pricing.event_bounds import needs_each_event
from partnergate.store import open_store

QUANTITIES = st.one_of(
    st.integers(-5, 1000),
    st.decimals(min_value=Decimal(-5), max_value=1000, places=3),
    st.sampled_from(["2.50", "n/a", None, True]),
)
MINUTES = st.integers(0, 60 * 24 * 40)
EVENTS = st.lists(
    st.tuples(
        MINUTES,
        st.sampled_from(["s1", "s2", "g1", "unknown"]),
        QUANTITIES,
        st.sampled_from(["m1", "m2", "m3"]),
        st.sampled_from(["w1", "w2", None]),
    ),
    max_size=40,
)


def made(rows, corrections):
    events = [
        usage(n, at=NOW - timedelta(minutes=at), session=s, quantity=q, model=m, workspace=w)
        for n, (at, s, q, m, w) in enumerate(rows)
    ]
    for n, (kind, target) in enumerate(corrections):
        name = f"c{n}"
        at = NOW + timedelta(seconds=n % 7)
        new = amend(name, target, at=at, quantity=n, model="m2", workspace="w3")
        events.append(void(name, target) if kind else new)
    return events


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=EVENTS,
    corrections=st.lists(st.tuples(st.booleans(), st.integers(0, 45)), max_size=8),
    order=st.randoms(use_true_random=False),
    pieces=st.integers(1, 6),
    edges=st.tuples(MINUTES, MINUTES, MINUTES, st.integers(0, 59)),
)
def test_rollups_equal_the_raw_events_for_every_meter_and_any_span(  # noqa: PLR0917
    tmp_path_factory, rows, corrections, order, pieces, edges
):
    events = made(rows, corrections)
    sent = [*events, *events[: len(events) // 3]]
    order.shuffle(sent)
    terms = every_meter()
    spans = sorted({NOW - timedelta(minutes=m, seconds=edges[3]) for m in edges[:3]})
    start, end = spans[0], spans[-1]
    middle = spans[len(spans) // 2]
    span = MeteredSpan(start=start, end=middle, whole_start=start, whole_end=end)
    path = tmp_path_factory.mktemp("equal") / "store.db"
    with open_store(f"sqlite:///{path}") as store:
        stored = prepared(store, terms=terms)
        for piece in range(pieces):
            stored.append(REALM, sent[piece::pieces], NOW)
            if piece % 2:
                stored.attribute_pending()
        found = stored.reader(REALM).quantities("acme", terms, start, middle, whole=(start, end))
    mine = [
        AttributedUsage(effective=e)
        for e in effective_events(events)
        if e.event.subject in {"s1", "s2"} and e.event.type == "task.run"
    ]
    expected = []
    for charge in terms.charges:
        if isinstance(charge.meter, UsageMeter):
            series = series_of_charge(charge)
            each = needs_each_event(charge)
            expected.extend(usage_quantities(charge.name, series, mine, span, each_event=each))
    assert [q for q in found if q.meter not in {"users", "logins", "sessions"}] == expected
    if start < end:
        people = {"s1": "ada", "s2": "bob"}
        logins = [Seen(person=p, time=NOW - timedelta(days=2)) for p in people.values()]
        used = [Seen(person=people[m.effective.event.subject], time=m.effective.event.time) for m in mine]
        pure = active_user_quantity(
            "users", "acme", [*logins, *used], span, rule=terms.active_user, time_zone=terms.time_zone
        )
        (users,) = (q for q in found if q.meter == "users")
        assert users.value == pure.value
