"""A charge across the versions of a period: the parts that become lines, and what each measured.

Neighbouring versions under which nothing about a charge changed are one part. Parts whose price
terms are equal (price, meter, included units, prices by dimension) are one run: its tiers, packages
and included units go on from part to part. A part with other price terms begins a new run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import (
    ActiveUsersMeter,
    Flat,
    FlatTiming,
    Proration,
    UniquePriceAt,
    UsageMeter,
)
from partnergate.pricing.cumulative import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.metering.aggregates import Aggregate
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Charge
    from partnergate.pricing.rated import VersionId
    from partnergate.pricing.timeline import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A charge under unchanged terms, for the segments in which they were in force."""

    charge: Charge
    segments: tuple[Segment, ...]
    terms: Segment
    """The segment whose version decides rules, tax and share."""
    run: int
    """Parts of one charge with the same number share tiers and included units."""

    @property
    def start(self) -> datetime:
        return self.segments[0].start

    @property
    def end(self) -> datetime:
        return self.segments[-1].end

    @property
    def versions(self) -> tuple[VersionId, ...]:
        """Those under which the charge reads as it does here, oldest first."""
        same = (s.version.id for s in self.segments if charge_named(self.charge.name, s) == self.charge)
        return tuple(dict.fromkeys(same))

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((segment.start, segment.end) for segment in self.segments)


def charge_names(segments: Sequence[Segment]) -> tuple[str, ...]:
    """Every charge of the period, in the order of the newest version, those it dropped last."""
    names: dict[str, None] = {}
    for segment in reversed(segments):
        for charge in segment.version.agreement.charges:
            names.setdefault(charge.name)
    return tuple(names)


def parts_of(name: str, segments: Sequence[Segment]) -> tuple[Part, ...]:
    """The parts of the charge of that name, in order of time."""
    having = [(charge, s) for s in segments if (charge := charge_named(name, s)) is not None]
    if _priced_by_first(*having[0]):
        return (_whole(having, deciding=0),)
    last, price = having[-1][1], having[-1][0].price
    if isinstance(price, Flat):
        if price.timing is FlatTiming.ONCE:
            return (_whole(having, deciding=0),)
        if last.version.agreement.rules.proration is Proration.NONE:
            return (_whole(having, deciding=0 if price.timing is FlatTiming.ADVANCE else -1),)
    parts: list[Part] = []
    for charge, segment in having:
        known = parts[-1] if parts else None
        if known is not None and known.end == segment.start and _same_terms(known, charge, segment):
            parts[-1] = Part(charge=charge, segments=(*known.segments, segment), terms=segment, run=known.run)
            continue
        run = 0 if known is None else known.run + (price_terms(known.charge) != price_terms(charge))
        parts.append(Part(charge=charge, segments=(segment,), terms=segment, run=run))
    return tuple(parts)


def charge_named(name: str, segment: Segment) -> Charge | None:
    """The charge under the segment's version, none where that version lacks it."""
    return next((c for c in segment.version.agreement.charges if c.name == name), None)


def price_terms(charge: Charge) -> tuple[object, ...]:
    """What must stay equal for tiers to go on across a change."""
    return (charge.price, charge.meter, charge.included, charge.by_dimension)


def counts_uniques(charge: Charge) -> bool:
    """Whether the meter counts distinct things, once a period."""
    match charge.meter:
        case ActiveUsersMeter():
            return True
        case UsageMeter(aggregate=aggregate):
            return aggregate_named(aggregate).distinct
        case _:
            return False


def takes_one_value(charge: Charge) -> Aggregate | None:
    """The aggregate of a meter with one value for the period, such that parts do not add up; else none."""
    match charge.meter:
        case UsageMeter(aggregate=name) if (aggregate := aggregate_named(name)).one_value:
            return aggregate
        case _:
            return None


def quantities_of(parts: Sequence[Part], quantities: Sequence[Quantity]) -> tuple[tuple[Quantity, ...], ...]:
    """The quantities of each part, in its order."""
    given: list[list[Quantity]] = [[] for _ in parts]
    for quantity in sorted(quantities, key=lambda q: (q.start, q.end, q.dimensions)):
        given[_part_for(parts, quantity)].append(quantity)
    one_value = takes_one_value(parts[-1].charge)
    if one_value is not None and len(parts) > 1:
        return _winners(given, one_value)
    return tuple(map(tuple, given))


def measured(quantities: Sequence[Quantity]) -> Measured:
    """All of them as one quantity."""
    total = Measured()
    for quantity in quantities:
        total = total.plus(
            Measured(value=quantity.value, events=quantity.events, event_values=quantity.event_values)
        )
    return total


def _priced_by_first(charge: Charge, segment: Segment) -> bool:
    rule = segment.version.agreement.rules.unique_price_at
    return counts_uniques(charge) and rule is UniquePriceAt.PERIOD_START


def _whole(having: Sequence[tuple[Charge, Segment]], *, deciding: int) -> Part:
    """One part for all of it, by the terms of one of its segments."""
    charge, terms = having[deciding]
    return Part(charge=charge, segments=tuple(segment for _, segment in having), terms=terms, run=0)


def _same_terms(known: Part, charge: Charge, segment: Segment) -> bool:
    old, new = known.terms.version.agreement, segment.version.agreement
    return (
        known.charge == charge
        and old.rules == new.rules
        and old.tax == new.tax
        and old.revenue_share == new.revenue_share
    )


def _part_for(parts: Sequence[Part], quantity: Quantity) -> int:
    over = [
        number
        for number, part in enumerate(parts)
        if any(quantity.start < end and start < quantity.end for start, end in part.spans)
    ]
    if len(over) == 1:
        return over[0]
    what = f'the quantity of "{quantity.meter}" for {quantity.start} to {quantity.end}'
    if not over:
        raise RatingError(f"{what} lies outside the agreement")
    cut = parts[over[1]].start
    raise RatingError(
        f"{what} spans a change of its terms at {cut}",
        advice="give one quantity for each side of the change, split by the time of the events",
    )


def _winners(given: list[list[Quantity]], aggregate: Aggregate) -> tuple[tuple[Quantity, ...], ...]:
    """Each dimension's one value stays in the part where it was reached; the other parts have none."""
    chosen: dict[tuple[tuple[str, str], ...], tuple[int, Quantity]] = {}
    for number, quantities in enumerate(given):
        for quantity in quantities:
            known = chosen.get(quantity.dimensions)
            if known is None or aggregate.replaces(quantity, known[1]):
                chosen[quantity.dimensions] = (number, quantity)
    return tuple(
        tuple(q for q in quantities if chosen[q.dimensions] == (number, q))
        for number, quantities in enumerate(given)
    )
