"""Meters of logins, sessions and active users: from rollups where they hold, from the rows elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.attribution.model import Exclusion
from partnergate.spec.local_day import first_instant, local_date
from partnergate.store.instants import from_ms, to_ms
from partnergate.store.login_hours import (
    BY_SUBJECT,
    BY_USER,
    HOUR_MS,
    LOGINS,
    SESSIONS,
    login_hours,
    people_numbers,
    rollups_of,
)
from partnergate.store.usage_people import (
    by_subject,
    ceil_ms,
    logins_between,
    logins_by_quarter,
    seen_between,
    sessions_between,
)
from partnergate.usage.active_people import SeenPeople, active_people, numbers_of, people_set
from partnergate.usage.metering import (
    active_user_quantity,
    occurrence_quantity,
    occurrence_tallies,
    people_quantity,
    whole_span,
)
from partnergate.usage.tally import Tally, merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from partnergate.spec.agreement import ActiveUserRule, Agreement
    from partnergate.spec.model import PartnerId
    from partnergate.usage.metering import Seen, Span
    from partnergate.usage.model import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a meter is asked for."""

    connection: Connection
    realm: str
    partner: PartnerId
    name: str
    """The charge's."""
    span: Span


def login_quantity(asked: Asked, *, sessions: bool) -> Quantity:
    """Brokered logins, or sessions by their start."""
    connection, realm, partner, span = asked.connection, asked.realm, asked.partner, asked.span
    of = (realm, partner, SESSIONS if sessions else LOGINS)
    hours = login_hours(connection, of, ceil_ms(span.start), ceil_ms(span.end))
    parts: dict[Exclusion | None, list[Tally]] = {}
    for _, excluded, count, weight in rollups_of(connection, of, hours, "count, weight"):
        tally = Tally(count=count, weight=int.from_bytes(weight, "big"))
        parts.setdefault(_exclusion(excluded), []).append(tally)
    between = sessions_between if sessions else logins_between
    for start, end in hours.raw:
        within = whole_span(from_ms(start), from_ms(end))
        found = between(connection, realm, partner, within.start, within.end)
        for reason, tally in occurrence_tallies(found, within).items():
            parts.setdefault(reason, []).append(tally)
    return occurrence_quantity(asked.name, {r: merged(tallies) for r, tallies in parts.items()}, span)


def active_quantity(asked: Asked, agreement: Agreement) -> Quantity:
    """Active users by the agreement's rule; by logins alone they are counted from rollups."""
    rule, span = agreement.active_user, asked.span
    if rule.by == ("login",):
        return _by_logins(asked, rule, agreement.time_zone)
    within = (span.whole_start, span.whole_end)
    seen = seen_between(asked.connection, asked.realm, asked.partner, rule, within)
    return active_user_quantity(
        asked.name, asked.partner, seen, span, rule=rule, time_zone=agreement.time_zone
    )


def _by_logins(asked: Asked, rule: ActiveUserRule, time_zone: str) -> Quantity:
    connection, realm, partner, span = asked.connection, asked.realm, asked.partner, asked.span
    of = (realm, partner, LOGINS)
    inner = _boundaries(span, time_zone if rule.min_days > 1 else None)
    start, end = ceil_ms(span.whole_start), ceil_ms(span.whole_end)
    hours = login_hours(connection, of, start, end, boundaries=inner)
    subjects = by_subject(rule)
    numbers = people_numbers(connection, realm, partner, BY_SUBJECT if subjects else BY_USER)
    seen = [
        SeenPeople(
            time=from_ms(hour * HOUR_MS),
            people=int.from_bytes(people, "little"),
            excluded=_exclusion(excluded),
        )
        for hour, excluded, people in rollups_of(connection, of, hours, "subjects" if subjects else "users")
    ]
    raw = (
        one
        for begin, finish in hours.raw
        for one in logins_by_quarter(connection, (realm, partner), rule, begin, finish)
    )
    days = time_zone if rule.min_days > 1 else None
    seen.extend(_raw_people(raw, inner, numbers, days))
    found = active_people(seen, span, rule=rule, time_zone=time_zone)
    names = {number: person for person, number in numbers.items()}
    return people_quantity(
        asked.name,
        partner,
        [names[number] for number in numbers_of(found.counted)],
        {reason: people.bit_count() for reason, people in found.excluded.items()},
        span,
    )


def _raw_people(
    raw: Iterable[Seen], inner: Sequence[int], numbers: dict[str, int], time_zone: str | None
) -> Iterator[SeenPeople]:
    """People from logins that no rollup has; one who has no number gets the next for this answer."""
    groups: dict[tuple[Exclusion | None, int, date | None], tuple[datetime, set[int]]] = {}
    for one in raw:
        day = None if time_zone is None else local_date(one.time, time_zone)
        key = (one.excluded, bisect_right(inner, to_ms(one.time)), day)
        _, people = groups.setdefault(key, (one.time, set()))
        people.add(numbers.setdefault(one.person, len(numbers)))
    for (excluded, _, _), (time, people) in groups.items():
        yield SeenPeople(time=time, people=people_set(people), excluded=excluded)


def _boundaries(span: Span, time_zone: str | None) -> list[int]:
    """Where a person's sighting begins to count for another part or, with a zone, for another local day."""
    found = {ceil_ms(instant) for instant in (span.start, span.end)}
    if time_zone is not None:
        found.update(ceil_ms(instant) for instant in _midnights(span, time_zone))
    return sorted(found)


def _midnights(span: Span, time_zone: str) -> Iterator[datetime]:
    day = local_date(span.whole_start, time_zone)
    while (instant := first_instant(day, time_zone)) < span.whole_end:
        yield instant
        day += timedelta(days=1)


def _exclusion(text: str | None) -> Exclusion | None:
    return Exclusion(text) if text else None
