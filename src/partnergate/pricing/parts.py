"""A charge across the versions of a period: the prorated parts that become lines, and the quantities of each.

Consecutive versions that change nothing about a charge are one part. Parts with equal price terms
(price, meter, included units, prices by dimension) are one run: tiers, packages and included units
continue from part to part. A part with other price terms starts a new run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from partnergate.errors import RatingError
from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import (
    ActiveUsersMeter,
    LoginsMeter,
    Proration,
    SessionsMeter,
    UniquePriceAt,
    UsageMeter,
)
from partnergate.pricing.models import model_of
from partnergate.pricing.models.measured import Measured
from partnergate.pricing.models.price_model import FixedPrice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.metering.aggregates import Aggregate
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Charge, Price
    from partnergate.pricing.rated import VersionId
    from partnergate.pricing.timeline import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePart:
    """A charge under unchanged terms, with the segments in which they were in effect."""

    charge: Charge
    segments: tuple[Segment, ...]
    terms: Segment
    """The segment with the version that determines rules, tax, and share."""
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
        """The versions with exactly this charge, oldest first."""
        same = (s.version.id for s in self.segments if charge_named(self.charge.name, s) == self.charge)
        return tuple(dict.fromkeys(same))

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((segment.start, segment.end) for segment in self.segments)


def charge_names(segments: Sequence[Segment]) -> tuple[str, ...]:
    """Return the names of all charges, in the order of the newest version; those it dropped come last."""
    names: dict[str, None] = {}
    for segment in reversed(segments):
        for charge in segment.version.agreement.charges:
            names.setdefault(charge.name)
    return tuple(names)


def parts_of(name: str, segments: Sequence[Segment]) -> tuple[ChargePart, ...]:
    """Return the parts of the charge of that name, in order of time."""
    having = [(charge, s) for s in segments if (charge := charge_named(name, s)) is not None]
    if _priced_by_first(*having[0]):
        return (_whole(having, deciding=0),)
    last, price = having[-1][1], model_of(having[-1][0].price)
    if isinstance(price, FixedPrice):
        if price.is_due_once:
            return (_whole(having, deciding=0),)
        if last.version.agreement.rules.proration is Proration.NONE:
            return (_whole(having, deciding=0 if price.is_due_in_advance else -1),)
    parts: list[ChargePart] = []
    for charge, segment in having:
        known = parts[-1] if parts else None
        if known is not None and known.end == segment.start and _same_terms(known, charge, segment):
            parts[-1] = ChargePart(
                charge=charge, segments=(*known.segments, segment), terms=segment, run=known.run
            )
            continue
        run = 0 if known is None else known.run + (price_terms(known.charge) != price_terms(charge))
        parts.append(ChargePart(charge=charge, segments=(segment,), terms=segment, run=run))
    return tuple(parts)


def charge_named(name: str, segment: Segment) -> Charge | None:
    """Return the charge in the segment's version, or none if the version does not have it."""
    return next((c for c in segment.version.agreement.charges if c.name == name), None)


def price_terms(charge: Charge) -> tuple[object, ...]:
    """Return what must stay equal for tiers to continue across a change."""
    return (charge.price, charge.meter, charge.included, charge.by_dimension)


def is_due_once(price: Price) -> bool:
    """Whether the price is due in the first period only."""
    model = model_of(price)
    return isinstance(model, FixedPrice) and model.is_due_once


def counts_uniques(charge: Charge) -> bool:
    """Whether the meter counts distinct values, each once a period."""
    match charge.meter:
        case ActiveUsersMeter():
            return True
        case UsageMeter(aggregate=aggregate):
            return aggregate_named(aggregate).distinct
        case LoginsMeter() | SessionsMeter() | None:
            return False
        case _:
            assert_never(charge.meter)


def takes_one_value(charge: Charge) -> Aggregate | None:
    """Return the aggregate of a meter that keeps one value of the period, so that parts do not add up."""
    match charge.meter:
        case UsageMeter(aggregate=name) if (aggregate := aggregate_named(name)).one_value:
            return aggregate
        case UsageMeter() | ActiveUsersMeter() | LoginsMeter() | SessionsMeter() | None:
            return None
        case _:
            assert_never(charge.meter)


def quantities_of(
    parts: Sequence[ChargePart], quantities: Sequence[Quantity]
) -> tuple[tuple[Quantity, ...], ...]:
    """Return the quantities of each part, in the order of the parts.

    Raise ``RatingError`` if a quantity lies outside the parts, or spans a change of terms.
    """
    given: list[list[Quantity]] = [[] for _ in parts]
    for quantity in sorted(quantities, key=lambda q: (q.start, q.end, q.dimensions)):
        given[_part_for(parts, quantity)].append(quantity)
    one_value = takes_one_value(parts[-1].charge)
    if one_value is not None and len(parts) > 1:
        return _winners(given, one_value)
    return tuple(map(tuple, given))


def measured(quantities: Sequence[Quantity]) -> Measured:
    """Return all of them as one quantity."""
    total = Measured()
    for quantity in quantities:
        total = total.plus(
            Measured(value=quantity.value, events=quantity.events, event_values=quantity.event_values)
        )
    return total


def _priced_by_first(charge: Charge, segment: Segment) -> bool:
    rule = segment.version.agreement.rules.unique_price_at
    return counts_uniques(charge) and rule is UniquePriceAt.PERIOD_START


def _whole(having: Sequence[tuple[Charge, Segment]], *, deciding: int) -> ChargePart:
    """Return one part for all segments, with the terms of one of them."""
    charge, terms = having[deciding]
    return ChargePart(charge=charge, segments=tuple(segment for _, segment in having), terms=terms, run=0)


def _same_terms(known: ChargePart, charge: Charge, segment: Segment) -> bool:
    old, new = known.terms.version.agreement, segment.version.agreement
    return (
        known.charge == charge
        and old.rules == new.rules
        and old.tax == new.tax
        and old.revenue_share == new.revenue_share
    )


def _part_for(parts: Sequence[ChargePart], quantity: Quantity) -> int:
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
    change = parts[over[1]].start
    raise RatingError(
        f"{what} spans a change of its terms at {change}",
        advice="pass one quantity for each side of the change, split by the time of the events",
    )


def _winners(given: list[list[Quantity]], aggregate: Aggregate) -> tuple[tuple[Quantity, ...], ...]:
    """Keep each dimension's one value in the part in which it was reached; the other parts have none."""
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
