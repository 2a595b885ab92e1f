"""Agreement versions over time: which terms are in effect when, and where a period is split.

A version is in effect from the first instant of its ``effective`` day to the first instant of its
``until`` day, in its own time zone. If cycle, time zone or currency change, the period ends and a new
one begins: a bill never has amounts in two currencies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, assert_never

from partnergate.errors import RatingError
from partnergate.model.agreement import Proration
from partnergate.model.days import first_instant
from partnergate.pricing.periods import Period, days_in, periods
from partnergate.pricing.rated import AgreementVersion, Fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A version in effect for ``[start, end)`` of a period."""

    start: datetime
    end: datetime
    version: AgreementVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriod:
    """What one statement covers: a period of the cycle, or the part of it with the same frame of terms."""

    period: Period
    """The whole period of the cycle; proration measures against it."""
    start: datetime
    end: datetime
    segments: tuple[Segment, ...]
    """Not empty; gaps between versions are not billed."""


def in_force(version: AgreementVersion) -> tuple[datetime, datetime | None]:
    """Return the start and the end of the version; an end of none means that it has no end."""
    terms = version.agreement
    end = None if terms.until is None else first_instant(terms.until, terms.time_zone)
    return first_instant(terms.effective, terms.time_zone), end


def segments(
    versions: Iterable[AgreementVersion], period: Period, *, until: datetime | None = None
) -> tuple[Segment, ...]:
    """Return the versions in effect in the period, in order, up to ``until`` (a suspension).

    Raise ``RatingError`` if two of them overlap.
    """
    last = period.end if until is None else min(until, period.end)
    found = []
    for version in versions:
        start, end = in_force(version)
        start, end = max(start, period.start), last if end is None else min(end, last)
        if start < end:
            found.append(Segment(start=start, end=end, version=version))
    found.sort(key=lambda segment: (segment.start, segment.version.id))
    _refuse_overlap(found)
    return tuple(found)


def without(found: Iterable[Segment], pauses: Sequence[tuple[datetime, datetime]]) -> tuple[Segment, ...]:
    """Return the segments without the pauses (suspensions), in order."""
    left = tuple(found)
    for begins, ends in pauses:
        left = tuple(
            replace(segment, start=start, end=end)
            for segment in left
            for start, end in (
                (segment.start, min(segment.end, begins)),
                (max(segment.start, ends), segment.end),
            )
            if start < end
        )
    return left


def _refuse_overlap(found: Sequence[Segment]) -> None:
    for earlier, later in pairwise(found):
        if later.start < earlier.end:
            raise RatingError(
                f"two agreement versions are in effect on {later.version.agreement.effective}",
                target=later.version.file,
                advice="a version ends where the next begins",
            )


def billing_periods(
    versions: Sequence[AgreementVersion], start: datetime, end: datetime, *, until: datetime | None = None
) -> tuple[BillingPeriod, ...]:
    """Return every billing period that shares an instant with ``[start, end)``, in order."""
    found = []
    for terms in _same_frame(versions):
        agreement = terms[0].agreement
        begins, _ = in_force(terms[0])
        _, ends = in_force(terms[-1])
        first, last = max(begins, start), min(end, ends or end, until or end)
        for period in periods(agreement.cycle, agreement.time_zone, first, last):
            parts = segments(terms, period, until=until)
            if parts:
                found.append(
                    BillingPeriod(period=period, start=parts[0].start, end=parts[-1].end, segments=parts)
                )
    return tuple(sorted(found, key=lambda one: one.start))


def _same_frame(versions: Sequence[AgreementVersion]) -> tuple[tuple[AgreementVersion, ...], ...]:
    """Group consecutive versions with the same cycle, time zone and currency, in order of time."""
    groups: list[list[AgreementVersion]] = []
    for version in sorted(versions, key=lambda one: one.id):
        terms = version.agreement
        if groups:
            known = groups[-1][-1].agreement
            if (known.cycle, known.time_zone, known.currency) == (
                terms.cycle,
                terms.time_zone,
                terms.currency,
            ):
                groups[-1].append(version)
                continue
        groups.append([version])
    return tuple(tuple(group) for group in groups)


def fraction_of(
    period: Period, spans: Sequence[tuple[datetime, datetime]], rule: Proration, time_zone: str
) -> Fraction:
    """Return how much of the period the spans cover. ``none`` counts any part as the whole."""
    if tuple(spans) == ((period.start, period.end),):
        return Fraction(numerator=1, denominator=1, by=rule)
    match rule:
        case Proration.NONE:
            return Fraction(numerator=1, denominator=1, by=rule)
        case Proration.DAY:
            whole = days_in(time_zone, period.start, period.end)
            covered = sum(days_in(time_zone, start, end) for start, end in spans)
        case Proration.SECOND:
            whole = _microseconds(period.end - period.start)
            covered = sum(_microseconds(end - start) for start, end in spans)
        case _:
            assert_never(rule)
    if covered == whole:
        return Fraction(numerator=1, denominator=1, by=rule)
    if rule is Proration.SECOND and whole % 1_000_000 == 0 and covered % 1_000_000 == 0:
        whole, covered = whole // 1_000_000, covered // 1_000_000
    return Fraction(numerator=covered, denominator=whole, by=rule)


def _microseconds(length: timedelta) -> int:
    return (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds
