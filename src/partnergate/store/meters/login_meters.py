"""Meters of logins, sessions, and active users: from current rollups, or else from the rows."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.attribution.outcome import Exclusion
from partnergate.metering.active_users import SeenPeople, active_people, numbers_of, people_set
from partnergate.metering.meters import (
    occurrence_quantity,
    occurrence_tallies,
    people_quantity,
    whole_span,
)
from partnergate.metering.tally import Tally, merged
from partnergate.model.days import first_instant, local_date
from partnergate.model.instants import from_ms, from_us, to_us
from partnergate.store.meters.active_users import (
    by_subject,
    logins_between,
    seen_between,
    sessions_between,
)
from partnergate.store.meters.login_hours import (
    BY_SUBJECT,
    BY_USER,
    login_hours,
    people_numbers,
    rollups_of,
)
from partnergate.store.meters.stale_hours import HOUR_MS, LOGINS, REFRESHES, SESSIONS, USED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from partnergate.metering.meters import MeteredSpan, Seen
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import ActiveUserRule, Agreement
    from partnergate.model.partner import PartnerId


_KINDS = {"login": LOGINS, "refresh": REFRESHES, "usage": USED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterQuery:
    """The span, charge, and partner of a query."""

    connection: Connection
    realm: str
    partner: PartnerId
    name: str
    """The charge's."""
    span: MeteredSpan


def login_quantity(query: MeterQuery, *, sessions: bool) -> Quantity:
    """Brokered logins, or sessions by their start."""
    connection, realm, partner, span = query.connection, query.realm, query.partner, query.span
    of = (realm, partner, SESSIONS if sessions else LOGINS)
    hours = login_hours(connection, of, to_us(span.start), to_us(span.end))
    parts: dict[Exclusion | None, list[Tally]] = {}
    for _, excluded, count, weight in rollups_of(connection, of, hours, "count, weight"):
        tally = Tally(count=count, weight=int.from_bytes(weight, "big"))
        parts.setdefault(_exclusion(excluded), []).append(tally)
    between = sessions_between if sessions else logins_between
    for start, end in hours.raw:
        within = whole_span(from_us(start), from_us(end))
        found = between(connection, realm, partner, within.start, within.end)
        for reason, tally in occurrence_tallies(found, within).items():
            parts.setdefault(reason, []).append(tally)
    return occurrence_quantity(query.name, {r: merged(tallies) for r, tallies in parts.items()}, span)


def active_quantity(query: MeterQuery, agreement: Agreement) -> Quantity:
    """Return the active users by the agreement's rule, from all kinds of activity that it counts."""
    connection, realm, partner, span = query.connection, query.realm, query.partner, query.span
    rule, zone = agreement.active_user, agreement.time_zone
    days = zone if rule.min_days > 1 else None
    inner = _boundaries(span, days)
    numbers = people_numbers(connection, realm, partner, BY_SUBJECT if by_subject(rule) else BY_USER)
    seen = [
        one for way in rule.by for one in _seen_people(query, replace(rule, by=(way,)), inner, numbers, days)
    ]
    found = active_people(seen, span, rule=rule, time_zone=zone)
    names = {number: person for person, number in numbers.items()}
    return people_quantity(
        query.name,
        partner,
        [names[number] for number in numbers_of(found.counted)],
        {reason: people.bit_count() for reason, people in found.excluded.items()},
        span,
    )


def _seen_people(
    query: MeterQuery, rule: ActiveUserRule, inner: Sequence[int], numbers: dict[str, int], days: str | None
) -> Iterator[SeenPeople]:
    """Return the users that the rule counts: from valid rollups, or else from the rows."""
    (way,) = rule.by
    connection, realm, partner, span = query.connection, query.realm, query.partner, query.span
    of = (realm, partner, _KINDS[way])
    hours = login_hours(connection, of, to_us(span.whole_start), to_us(span.whole_end), boundaries=inner)
    for hour, excluded, people in rollups_of(
        connection, of, hours, "subjects" if by_subject(rule) else "users"
    ):
        yield SeenPeople(
            time=from_ms(hour * HOUR_MS),
            people=int.from_bytes(people, "little"),
            excluded=_exclusion(excluded),
        )
    raw = (
        one
        for begin, finish in hours.raw
        for one in seen_between(connection, realm, partner, rule, (from_us(begin), from_us(finish)))
    )
    yield from _raw_people(raw, inner, numbers, days)


def _raw_people(
    raw: Iterable[Seen], inner: Sequence[int], numbers: dict[str, int], time_zone: str | None
) -> Iterator[SeenPeople]:
    """Yield users from rows without a rollup. A user without a number gets the next one for this result."""
    groups: dict[tuple[Exclusion | None, int, date | None], tuple[datetime, set[int]]] = {}
    for one in raw:
        day = None if time_zone is None else local_date(one.time, time_zone)
        key = (one.excluded, bisect_right(inner, to_us(one.time)), day)
        _, people = groups.setdefault(key, (one.time, set()))
        people.add(numbers.setdefault(one.person, len(numbers)))
    for (excluded, _, _), (time, people) in groups.items():
        yield SeenPeople(time=time, people=people_set(people), excluded=excluded)


def _boundaries(span: MeteredSpan, time_zone: str | None) -> list[int]:
    """Return the bounds of the prorated periods and, with a zone, of the local days."""
    found = {to_us(instant) for instant in (span.start, span.end)}
    if time_zone is not None:
        found.update(to_us(instant) for instant in _midnights(span, time_zone))
    return sorted(found)


def _midnights(span: MeteredSpan, time_zone: str) -> Iterator[datetime]:
    day = local_date(span.whole_start, time_zone)
    while (instant := first_instant(day, time_zone)) < span.whole_end:
        yield instant
        day += timedelta(days=1)


def _exclusion(text: str | None) -> Exclusion | None:
    return Exclusion(text) if text else None
