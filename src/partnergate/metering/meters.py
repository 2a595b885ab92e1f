"""Meters: billable records of one partner to quantities, in pure code.

This module defines every meter. ``store.meters.quantities`` computes the same from rollups, and a property
test compares both. Intervals are half-open. In a prorated period, users and distinct values count in the
interval of their first record in the whole period, so that the prorated quantities add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.aggregates.aggregate import CountedEvent
from partnergate.metering.fact_hash import (
    fact_set,
    fact_weight,
    facts_of,
    person_identity,
    value_identity,
    weight_sum,
)
from partnergate.metering.tally import UNMEASURED, Tally, merged
from partnergate.metering.usage import Quantity
from partnergate.model.days import local_date
from partnergate.model.event_data import number_of
from partnergate.model.instants import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from partnergate.attribution.outcome import Exclusion
    from partnergate.metering.series import Series
    from partnergate.metering.usage_corrections import EffectiveEvent
    from partnergate.model.agreement import ActiveUserRule

Split = tuple[int, "Exclusion | None"]
"""The number of the split, and why its events are not billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredSpan:
    """``[start, end)``, a part of the period ``[whole_start, whole_end)`` or all of it."""

    start: datetime
    end: datetime
    whole_start: datetime
    whole_end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def whole_span(start: datetime, end: datetime) -> MeteredSpan:
    """A span that is a period by itself."""
    return MeteredSpan(start=start, end=end, whole_start=start, whole_end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributedUsage:
    """A usage event of the partner as it counts, and why it is not billed, if so."""

    effective: EffectiveEvent
    excluded: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A login, or a session by its start: its identity as a fact, and when it was."""

    identity: str
    time: datetime
    excluded: Exclusion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A user of the partner who was active at a time."""

    person: str
    time: datetime
    excluded: Exclusion | None = None


def measured_tally(series: Series, effective: EffectiveEvent, weight: int) -> Tally:
    """What one event adds to its split; ``weight`` is that of its identity."""
    aggregate = aggregate_named(series.aggregate)
    event = effective.event
    value = aggregate.measure(event.data.get(series.of or ""))
    if value is None:
        return UNMEASURED
    counted = CountedEvent(to_us(event.time), event.source, event.id, event.data, effective.identity)
    return Tally(count=1, state=aggregate.fold([(0, value)], [counted]), weight=weight)


def usage_quantities(
    name: str,
    series: Series,
    facts: Iterable[AttributedUsage],
    span: MeteredSpan,
    *,
    each_event: bool = False,
) -> tuple[Quantity, ...]:
    """One quantity for each split that the series has, the rest last; ``each_event`` lists their values."""
    of_type = [
        (split, fact)
        for fact in facts
        if fact.effective.event.type == series.event
        and span.whole_start <= fact.effective.event.time < span.whole_end
        and (split := series.split_of(fact.effective.event.data)) is not None
    ]
    tallies = _tallies(series, of_type, span)
    if aggregate_named(series.aggregate).distinct:
        whole = _tallies(series, of_type, whole_span(span.whole_start, span.whole_end))
        firsts = {split: tally.state or {} for split, tally in whole.items()}
        return distinct_quantities(name, series, firsts, tallies, span)
    values: dict[int, list[tuple[datetime, str, str, Decimal]]] = {}
    if each_event:
        for split, fact in of_type:
            event = fact.effective.event
            value = number_of(event.data.get(series.of or ""))
            if fact.excluded is None and event.time in span and value is not None:
                values.setdefault(split, []).append((event.time, event.source, event.id, value))
    return tallied_quantities(name, series, tallies, values, span)


def tallied_quantities(
    name: str,
    series: Series,
    tallies: Mapping[Split, Tally],
    values: Mapping[int, Iterable[tuple[datetime, str, str, Decimal]]],
    span: MeteredSpan,
) -> tuple[Quantity, ...]:
    """The quantities of a series from what each split tallied in the span."""
    aggregate = aggregate_named(series.aggregate)
    made = []
    for split in series.split_numbers():
        billed = tallies.get((split, None), Tally())
        made.append(
            Quantity(
                meter=name,
                start=span.start,
                end=span.end,
                value=aggregate.value(billed.count, billed.state),
                dimensions=series.dimensions_of(split),
                facts=fact_set(billed.count, billed.weight),
                events=billed.count,
                event_values=tuple(v for *_, v in sorted(values.get(split, ()))),
                excluded=_excluded({e: t.count for (s, e), t in tallies.items() if s == split}),
                unmeasured=billed.unmeasured,
            )
        )
    return tuple(made)


def distinct_quantities(
    name: str,
    series: Series,
    firsts: Mapping[Split, Mapping[str, int]],
    tallies: Mapping[Split, Tally],
    span: MeteredSpan,
) -> tuple[Quantity, ...]:
    """The quantities of a distinct aggregate.

    ``firsts`` has each value of the whole period with its first time in microseconds, ``tallies`` the
    events of the span.
    """
    aggregate = aggregate_named(series.aggregate)
    start, end = to_us(span.start), to_us(span.end)
    made = []
    for split in series.split_numbers():
        known = firsts.get((split, None), {})
        counted = {value: first for value, first in known.items() if start <= first < end}
        billed = tallies.get((split, None), Tally())
        made.append(
            Quantity(
                meter=name,
                start=span.start,
                end=span.end,
                value=aggregate.value(billed.count, counted),
                dimensions=series.dimensions_of(split),
                facts=facts_of(value_identity(series.of or "", v) for v in counted),
                events=billed.count,
                excluded=_excluded({e: t.count for (s, e), t in tallies.items() if s == split}),
                unmeasured=billed.unmeasured,
            )
        )
    return tuple(made)


def active_user_quantity(
    name: str, partner: str, seen: Iterable[Seen], span: MeteredSpan, *, rule: ActiveUserRule, time_zone: str
) -> Quantity:
    """People seen on enough local days of the whole period, in the part where they were seen first."""
    days: dict[str, set[object]] = {}
    first: dict[str, datetime] = {}
    unbilled: dict[str, Exclusion] = {}
    for one in seen:
        if not span.whole_start <= one.time < span.whole_end:
            continue
        if one.excluded is not None:
            known = unbilled.get(one.person)
            unbilled[one.person] = one.excluded if known is None else min(known, one.excluded)
            continue
        if rule.min_days > 1:
            days.setdefault(one.person, set()).add(local_date(one.time, time_zone))
        if one.person not in first or one.time < first[one.person]:
            first[one.person] = one.time
    counted = [
        person
        for person, at in first.items()
        if at in span and (rule.min_days <= 1 or len(days[person]) >= rule.min_days)
    ]
    left_out: dict[Exclusion | None, int] = {}
    for person, reason in unbilled.items():
        if person not in first:
            left_out[reason] = left_out.get(reason, 0) + 1
    return Quantity(
        meter=name,
        start=span.start,
        end=span.end,
        value=Decimal(len(counted)),
        facts=facts_of(person_identity(partner, person) for person in counted),
        excluded=_excluded(left_out),
    )


def occurrence_tallies(occurrences: Iterable[Occurrence], span: MeteredSpan) -> dict[Exclusion | None, Tally]:
    """Logins or sessions in the span, each once, by why they are not billed."""
    found: dict[Exclusion | None, set[str]] = {}
    for one in occurrences:
        if one.time in span:
            found.setdefault(one.excluded, set()).add(one.identity)
    return {
        reason: Tally(count=len(identities), weight=weight_sum(map(fact_weight, identities)))
        for reason, identities in found.items()
    }


def occurrence_quantity(name: str, tallies: Mapping[Exclusion | None, Tally], span: MeteredSpan) -> Quantity:
    """What was tallied of logins or sessions in the span."""
    billed = tallies.get(None, Tally())
    return Quantity(
        meter=name,
        start=span.start,
        end=span.end,
        value=Decimal(billed.count),
        facts=fact_set(billed.count, billed.weight),
        excluded=_excluded({reason: tally.count for reason, tally in tallies.items()}),
    )


def people_quantity(
    name: str,
    partner: str,
    counted: Iterable[str],
    excluded: Mapping[Exclusion | None, int],
    span: MeteredSpan,
) -> Quantity:
    """Return the counted users, and the number of excluded users by reason."""
    people = tuple(counted)
    return Quantity(
        meter=name,
        start=span.start,
        end=span.end,
        value=Decimal(len(people)),
        facts=facts_of(person_identity(partner, person) for person in people),
        excluded=_excluded(excluded),
    )


def _tallies(
    series: Series, facts: Iterable[tuple[int, AttributedUsage]], span: MeteredSpan
) -> dict[Split, Tally]:
    parts: dict[Split, list[Tally]] = {}
    for split, fact in facts:
        if fact.effective.event.time not in span:
            continue
        tally = measured_tally(series, fact.effective, fact_weight(fact.effective.identity))
        parts.setdefault((split, fact.excluded), []).append(tally)
    merge = aggregate_named(series.aggregate).merge
    return {split: merged(tallies, merge) for split, tallies in parts.items()}


def _excluded(counts: Mapping[Exclusion | None, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((reason.value, n) for reason, n in counts.items() if reason is not None and n))
