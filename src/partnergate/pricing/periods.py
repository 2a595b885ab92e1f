"""Billing periods: half-open UTC instants that tile time.

A period begins with the local day of the cycle's anchor. Instants decide, not local dates: an instant
belongs to the period whose ``[start, end)`` contains it, even if a clock that is set back across
midnight shows the date of the day before again.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from partnergate.errors import RatingError
from partnergate.model.agreement import Cycle, CycleUnit
from partnergate.model.days import first_instant, local_date, time_zones

_MONTHS = {CycleUnit.MONTH: 1, CycleUnit.QUARTER: 3, CycleUnit.YEAR: 12}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """One period of a cycle, ``[start, end)`` in UTC; the days are the local dates of both edges."""

    start: datetime
    end: datetime
    first_day: date
    end_day: date
    """Exclusive: the first day of the next period."""


def period_containing(cycle: Cycle, time_zone: str, instant: datetime) -> Period:
    """Return the period that contains ``instant``."""
    _check(cycle, time_zone, instant)
    number = _number_of(cycle, local_date(instant, time_zone))
    while first_instant(_first_day(cycle, number), time_zone) > instant:
        number -= 1
    while first_instant(_first_day(cycle, number + 1), time_zone) <= instant:
        number += 1
    return _period(cycle, time_zone, number)


def periods(cycle: Cycle, time_zone: str, start: datetime, end: datetime) -> tuple[Period, ...]:
    """Return every period that shares an instant with ``[start, end)``, in order, without gap or overlap."""
    if start >= end:
        return ()
    found = [period_containing(cycle, time_zone, start)]
    while found[-1].end < end:
        found.append(period_containing(cycle, time_zone, found[-1].end))
    return tuple(found)


def next_period(cycle: Cycle, time_zone: str, period: Period) -> Period:
    """Return the period that begins where ``period`` ends."""
    return period_containing(cycle, time_zone, period.end)


@lru_cache(maxsize=4096)
def days_in(time_zone: str, start: datetime, end: datetime) -> int:
    """Return how many local days begin in ``[start, end)``; a day that the zone skipped does not count."""
    begun = set()
    day = local_date(start, time_zone) - _ONE_DAY
    while (begins := first_instant(day, time_zone)) < end:
        if begins >= start:
            begun.add(begins)
        day += _ONE_DAY
    return len(begun)


def _check(cycle: Cycle, time_zone: str, instant: datetime) -> None:
    if instant.tzinfo is None:
        raise RatingError("cannot find the period of an instant without a time zone", target=str(instant))
    if time_zone not in time_zones():
        raise RatingError(
            f'"{time_zone}" is not a time zone', advice="use an IANA name such as Europe/Berlin"
        )
    highest = 7 if cycle.every is CycleUnit.WEEK else 31
    if not 1 <= cycle.anchor_day <= highest or not 1 <= cycle.anchor_month <= 12:  # noqa: PLR2004 - a year
        raise RatingError(
            f"a {cycle.every} cannot begin on day {cycle.anchor_day} of month {cycle.anchor_month}",
            advice=f"anchor_day is 1 to {highest}, anchor_month 1 to 12",
        )


def _period(cycle: Cycle, time_zone: str, number: int) -> Period:
    first_day, end_day = _first_day(cycle, number), _first_day(cycle, number + 1)
    return Period(
        start=first_instant(first_day, time_zone),
        end=first_instant(end_day, time_zone),
        first_day=first_day,
        end_day=end_day,
    )


def _first_day(cycle: Cycle, number: int) -> date:
    """Return the first local day of the period with that number."""
    match cycle.every:
        case CycleUnit.DAY:
            return date.fromordinal(number)
        case CycleUnit.WEEK:
            return date.fromordinal(7 * number + cycle.anchor_day)
        case CycleUnit.MONTH | CycleUnit.QUARTER | CycleUnit.YEAR:
            step = _MONTHS[cycle.every]
            year, month = divmod(number * step + (cycle.anchor_month - 1) % step, 12)
            last = calendar.monthrange(year, month + 1)[1]
            return date(year, month + 1, min(cycle.anchor_day, last))
        case _:
            assert_never(cycle.every)


def _number_of(cycle: Cycle, day: date) -> int:
    """Return the number of the period that contains ``day``."""
    match cycle.every:
        case CycleUnit.DAY:
            return day.toordinal()
        case CycleUnit.WEEK:
            return (day.toordinal() - cycle.anchor_day) // 7
        case CycleUnit.MONTH | CycleUnit.QUARTER | CycleUnit.YEAR:
            step = _MONTHS[cycle.every]
            months = day.year * 12 + day.month - 1
            number = (months - (cycle.anchor_month - 1) % step) // step
            return number if _first_day(cycle, number) <= day else number - 1
        case _:
            assert_never(cycle.every)
