"""Laws of uniques (billing.md 1.6) and parts (1.13), on the pure meters."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from partnergate.metering.meters import MeteredSpan, Seen, active_user_quantity, whole_span
from partnergate.model.agreement import ActiveUserRule

START = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)
PEOPLE = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 31 * 24 * 60 - 1)).map(
        lambda t: Seen(person=t[0], time=START + timedelta(minutes=t[1]))
    ),
    max_size=30,
)


def users(seen, span, min_days=1, zone="UTC"):
    rule = ActiveUserRule(min_days=min_days)
    return int(active_user_quantity("users", "acme", seen, span, rule=rule, time_zone=zone).value)


@given(PEOPLE)
def test_rule_6_the_busiest_day_is_at_most_the_month_and_the_month_at_most_the_sum_of_days(seen):
    days = [
        users(seen, whole_span(START + timedelta(days=n), START + timedelta(days=n + 1))) for n in range(31)
    ]
    assert max(days) <= users(seen, whole_span(START, END)) <= sum(days)


@given(PEOPLE)
def test_rule_6_a_month_counts_each_person_once(seen):
    assert users(seen, whole_span(START, END)) == len({one.person for one in seen})


@given(PEOPLE, PEOPLE)
def test_rule_6_a_union_of_partners_has_at_most_the_sum_of_their_people(one, other):
    span = whole_span(START, END)
    assert users(one + other, span) <= users(one, span) + users(other, span)


@given(PEOPLE, st.integers(0, 31 * 24 * 60), st.integers(1, 3))
def test_rule_13_people_of_two_parts_add_up_to_the_people_of_the_period(seen, minute, min_days):
    at = START + timedelta(minutes=minute)
    first = MeteredSpan(start=START, end=at, whole_start=START, whole_end=END)
    second = MeteredSpan(start=at, end=END, whole_start=START, whole_end=END)
    whole = users(seen, whole_span(START, END), min_days)
    assert users(seen, first, min_days) + users(seen, second, min_days) == whole


def test_days_are_those_of_the_agreements_zone():
    """Two instants on one UTC day are two days in Kolkata, whose midnight is at 18:30 UTC."""
    seen = [Seen(person="a", time=START + timedelta(hours=h)) for h in (18, 19)]
    span = whole_span(START, END)
    assert users(seen, span, min_days=2, zone="Asia/Kolkata") == 1
    assert users(seen, span, min_days=2) == 0
