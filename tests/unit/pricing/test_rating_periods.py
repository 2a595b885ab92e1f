"""Periods at the places where calendars are odd."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from partnergate.errors import RatingError
from partnergate.model.agreement import Cycle, CycleUnit
from partnergate.model.days import first_instant
from partnergate.pricing.periods import days_in, period_containing, periods

DAILY = Cycle(every=CycleUnit.DAY)
HOUR = timedelta(hours=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def first_days(cycle, zone, start, end):
    return [period.first_day.isoformat() for period in periods(cycle, zone, start, end)]


def test_day_31_returns_after_short_months():
    found = first_days(Cycle(anchor_day=31), "UTC", utc(2024, 1, 31), utc(2024, 6, 1))
    assert found == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        (Cycle(every=CycleUnit.WEEK, anchor_day=1), "2026-10-12"),
        (Cycle(every=CycleUnit.WEEK, anchor_day=4), "2026-10-15"),
        (Cycle(every=CycleUnit.WEEK, anchor_day=5), "2026-10-09"),
        (Cycle(every=CycleUnit.MONTH, anchor_day=16), "2026-09-16"),
        (Cycle(every=CycleUnit.QUARTER), "2026-10-01"),
        (Cycle(every=CycleUnit.QUARTER, anchor_day=16, anchor_month=4), "2026-07-16"),
        (Cycle(every=CycleUnit.QUARTER, anchor_month=2), "2026-08-01"),
        (Cycle(every=CycleUnit.YEAR, anchor_day=15, anchor_month=10), "2026-10-15"),
        (Cycle(every=CycleUnit.YEAR, anchor_day=16, anchor_month=10), "2025-10-16"),
        (Cycle(every=CycleUnit.YEAR, anchor_day=29, anchor_month=2), "2026-02-28"),
    ],
)
def test_each_cycle_begins_at_its_anchor(cycle, expected):
    assert period_containing(cycle, "UTC", utc(2026, 10, 15)).first_day.isoformat() == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", date(2026, 4, 5), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
    ],
)
def test_a_day_has_the_hours_of_its_clock(zone, day, hours):
    period = period_containing(DAILY, zone, first_instant(day, zone))
    assert (period.end - period.start) / HOUR == hours


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3)),
        ("Africa/Cairo", date(2026, 4, 24), utc(2026, 4, 23, 22)),
        ("America/Toronto", date(1919, 3, 31), utc(1919, 3, 31, 4, 30)),
        ("America/Havana", date(2026, 11, 1), utc(2026, 11, 1, 4)),
        ("America/St_Johns", date(2010, 11, 7), utc(2010, 11, 7, 2, 30)),
    ],
)
def test_a_day_without_a_midnight_or_with_two_begins_at_its_first_instant(zone, day, begins):
    assert first_instant(day, zone) == begins


def test_a_day_that_a_zone_skipped_is_no_period():
    assert first_instant(date(2011, 12, 30), "Pacific/Apia") == first_instant(
        date(2011, 12, 31), "Pacific/Apia"
    )
    december = period_containing(Cycle(), "Pacific/Apia", utc(2011, 12, 15))
    assert days_in("Pacific/Apia", december.start, december.end) == 30
    found = periods(DAILY, "Pacific/Apia", utc(2011, 12, 29, 12), utc(2012, 1, 1))
    assert all(one.end == following.start for one, following in itertools.pairwise(found))
    assert all(one.start < one.end for one in found)


@pytest.mark.parametrize(
    ("cycle", "zone", "instant"),
    [
        (Cycle(), "Mars/Olympus", utc(2026, 1, 1)),
        (Cycle(), "../etc/passwd", utc(2026, 1, 1)),
        (Cycle(anchor_day=32), "UTC", utc(2026, 1, 1)),
        (Cycle(anchor_day=0), "UTC", utc(2026, 1, 1)),
        (Cycle(every=CycleUnit.WEEK, anchor_day=8), "UTC", utc(2026, 1, 1)),
        (Cycle(), "UTC", datetime(2026, 1, 1)),
    ],
)
def test_a_cycle_that_does_not_exist_is_refused(cycle, zone, instant):
    with pytest.raises(RatingError):
        period_containing(cycle, zone, instant)


def test_an_empty_span_has_no_periods():
    assert periods(Cycle(), "UTC", utc(2026, 1, 1), utc(2026, 1, 1)) == ()
