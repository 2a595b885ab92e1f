"""Periods tile time: rule 7 and rule 8, over every zone and every anchor day."""

from __future__ import annotations

import calendar
import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.model.agreement import Cycle, CycleUnit
from partnergate.model.days import first_instant, local_date, time_zones
from partnergate.pricing.periods import days_in, period_containing, periods

ZONES = sorted(time_zones())
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)

zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1970, 1, 3), datetime(2037, 12, 1), timezones=st.just(UTC))
cycles = st.one_of(
    st.builds(Cycle, every=st.just(CycleUnit.DAY)),
    st.builds(Cycle, every=st.just(CycleUnit.WEEK), anchor_day=st.integers(1, 7)),
    st.builds(
        Cycle,
        every=st.sampled_from([CycleUnit.MONTH, CycleUnit.QUARTER, CycleUnit.YEAR]),
        anchor_day=st.integers(1, 31),
        anchor_month=st.integers(1, 12),
    ),
)


@pytest.mark.parametrize("year", [2024, 2028])
def test_rule_7_months_tile_a_leap_year_in_every_zone_for_every_anchor_day(year):
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    for zone in ZONES:
        for anchor in range(1, 32):
            found = periods(Cycle(anchor_day=anchor), zone, start, end)
            assert found[0].start <= start < found[0].end
            assert found[-1].start < end <= found[-1].end
            for one, following in itertools.pairwise(found):
                assert one.end == following.start
                assert one.start < one.end
            for one in found:
                last = calendar.monthrange(one.first_day.year, one.first_day.month)[1]
                assert one.first_day.day == min(anchor, last)


@given(cycles, zones, instants)
def test_rule_7_an_instant_is_in_one_period_and_the_adjacent_periods_meet_it(cycle, zone, instant):
    period = period_containing(cycle, zone, instant)
    assert period.start <= instant < period.end
    assert period_containing(cycle, zone, period.start) == period
    assert period_containing(cycle, zone, period.end - MICROSECOND) == period
    assert period_containing(cycle, zone, period.end).start == period.end
    assert period_containing(cycle, zone, period.start - MICROSECOND).end == period.start


@given(cycles, zones, instants, st.integers(1, 400))
def test_rule_7_the_period_of_an_instant_is_the_one_found_by_iteration(cycle, zone, instant, days):
    end = instant + timedelta(days=days)
    walked = periods(cycle, zone, instant, end)
    assert walked[-1] == period_containing(cycle, zone, end - MICROSECOND)
    assert len({one.start for one in walked}) == len(walked)


@given(zones, st.dates(date(1970, 1, 3), date(2037, 12, 1)))
def test_rule_8_a_day_begins_at_the_first_instant_of_its_local_date(zone, day):
    begins = first_instant(day, zone)
    assert local_date(begins, zone) >= day
    assert local_date(begins - SECOND, zone) < day


@given(zones, instants)
def test_rule_8_days_are_counted_as_they_begin(zone, instant):
    month = period_containing(Cycle(), zone, instant)
    days = periods(Cycle(every=CycleUnit.DAY), zone, month.start, month.end)
    assert days_in(zone, month.start, month.end) == len(days)


@given(zones, instants, st.integers(0, 40), st.integers(0, 40))
def test_rule_8_days_of_parts_sum_to_the_days_of_the_whole(zone, instant, one, other):
    cut = instant + timedelta(days=one, hours=one)
    end = cut + timedelta(days=other, hours=other)
    assert days_in(zone, instant, cut) + days_in(zone, cut, end) == days_in(zone, instant, end)
