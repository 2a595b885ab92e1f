"""Active users from sets of users: bit n of an integer represents user number n.

The result equals that of ``metering.active_user_quantity`` from single activities; a property test compares
both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.model.days import local_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from partnergate.attribution.outcome import Exclusion
    from partnergate.metering.meters import MeteredSpan
    from partnergate.model.agreement import ActiveUserRule


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPeople:
    """People seen in a time that lies on one local day and in one part of the period."""

    time: datetime
    """Any instant of it."""
    people: int
    excluded: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivePeople:
    """Return the counted users, and the excluded users by reason."""

    counted: int
    excluded: Mapping[Exclusion, int] = field(default_factory=dict)


def active_people(
    seen: Iterable[SeenPeople], span: MeteredSpan, *, rule: ActiveUserRule, time_zone: str
) -> ActivePeople:
    """People seen on enough local days of the whole period, in the part where they were seen first."""
    before = inside = billed = 0
    unbilled: dict[Exclusion, int] = {}
    days: dict[date, int] = {}
    for one in seen:
        if one.excluded is not None:
            unbilled[one.excluded] = unbilled.get(one.excluded, 0) | one.people
            continue
        billed |= one.people
        if one.time < span.start:
            before |= one.people
        elif one.time < span.end:
            inside |= one.people
        if rule.min_days > 1:
            day = local_date(one.time, time_zone)
            days[day] = days.get(day, 0) | one.people
    counted = inside & ~before
    if rule.min_days > 1:
        counted &= _at_least(days.values(), rule.min_days)
    left_out: dict[Exclusion, int] = {}
    accounted = billed
    for reason in sorted(unbilled):
        left_out[reason] = unbilled[reason] & ~accounted
        accounted |= unbilled[reason]
    return ActivePeople(counted=counted, excluded=left_out)


def people_set(numbers: Iterable[int]) -> int:
    """The set of these numbers."""
    listed = list(numbers)
    bits = bytearray(max(listed, default=0) // 8 + 1)
    for number in listed:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def numbers_of(people: int) -> Iterator[int]:
    """The numbers in the set, in order."""
    return (number for number, bit in enumerate(reversed(f"{people:b}")) if bit == "1")


def _at_least(days: Iterable[int], number: int) -> int:
    """Who is in ``number`` of the sets or more: ``reached[n]`` has those in more than n so far."""
    reached = [0] * number
    for people in days:
        for level in range(number - 1, 0, -1):
            reached[level] |= reached[level - 1] & people
        reached[0] |= people
    return reached[-1]
