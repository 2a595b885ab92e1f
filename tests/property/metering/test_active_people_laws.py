"""Active users from sets of people are those that one sighting after the other gives."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from partnergate.attribution.outcome import Exclusion
from partnergate.metering.active_users import SeenPeople, active_people, numbers_of, people_set
from partnergate.metering.meters import MeteredSpan, Seen, active_user_quantity, people_quantity
from partnergate.model.agreement import ActiveUserRule

START = datetime(2026, 10, 24, tzinfo=UTC)
REASONS = st.sampled_from([None, None, *Exclusion])
SIGHTINGS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7 * 96), REASONS), max_size=40)


@given(
    SIGHTINGS,
    st.lists(st.integers(0, 7 * 96), min_size=4, max_size=4).map(sorted),
    st.integers(1, 4),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Europe/Berlin"]),
    st.randoms(use_true_random=False),
)
def test_sets_of_people_give_the_same_active_users_as_sightings(sightings, edges, min_days, zone, order):
    at = [START + timedelta(minutes=15 * n) for n in edges]
    span = MeteredSpan(start=at[1], end=at[2], whole_start=at[0], whole_end=at[3])
    rule = ActiveUserRule(min_days=min_days)
    seen = [Seen(person=f"p{p}", time=START + timedelta(minutes=15 * q), excluded=e) for p, q, e in sightings]
    sets = [
        SeenPeople(time=one.time, people=people_set([int(one.person[1:])]), excluded=one.excluded)
        for one in seen
        if span.whole_start <= one.time < span.whole_end
    ]
    order.shuffle(seen)
    order.shuffle(sets)
    found = active_people(sets, span, rule=rule, time_zone=zone)
    assert people_quantity(
        "users",
        "acme",
        [f"p{n}" for n in numbers_of(found.counted)],
        {reason: people.bit_count() for reason, people in found.excluded.items()},
        span,
    ) == active_user_quantity("users", "acme", seen, span, rule=rule, time_zone=zone)


@given(st.sets(st.integers(0, 2000)))
def test_a_set_of_people_has_the_numbers_that_were_put_in(numbers):
    assert list(numbers_of(people_set(numbers))) == sorted(numbers)
