"""Many events of one partner counted at once: the same tallies as ``metering`` gives one by one.

Settling counts every event that ever comes, so this is where its time goes. A law of the tests holds
``counted`` to ``metering.measured_tally`` and ``tally.merged``, which define what is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from partnergate.metering.fact_hash import fact_weight, weight_sum
from partnergate.metering.series import REST, number_of, text_of
from partnergate.metering.tally import EXACT, ZERO, LastValue, Tally
from partnergate.model.agreement import Aggregate
from partnergate.model.instants import from_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from partnergate.metering.series import Series
    from partnergate.metering.usage import Scalar


class CountedEvent(NamedTuple):
    """What counting needs of an event as it counts."""

    time_us: int
    source: str
    id: str
    data: Mapping[str, Scalar]
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedSplit:
    """What some events add to one split of a series."""

    series: int
    split: int
    tally: Tally
    first: Mapping[str, int] = field(default_factory=dict)
    """Distinct value -> the first time of it, for a distinct count."""


def counted(events: Sequence[CountedEvent], series: Iterable[tuple[int, Series]]) -> Iterator[CountedSplit]:
    """What the events add to each (number, series), in the order of the series and of their splits."""
    weights: list[int] = []
    for number, definition in series:
        for split, chosen in _by_split(definition, events):
            if not weights:
                weights.extend(fact_weight(event.identity) for event in events)
            yield _count(number, definition, split, (events, weights, chosen))


def _by_split(series: Series, events: Sequence[CountedEvent]) -> Iterable[tuple[int, Sequence[int]]]:
    """The positions of the events of each split that has any."""
    if events and not series.where and not series.splits:
        return ((REST, range(len(events))),)
    found: dict[int, list[int]] = {}
    for position, event in enumerate(events):
        split = series.split_of(event.data)
        if split is not None:
            found.setdefault(split, []).append(position)
    return sorted(found.items())


def _count(
    number: int,
    series: Series,
    split: int,
    given: tuple[Sequence[CountedEvent], Sequence[int], Sequence[int]],
) -> CountedSplit:
    events, weights, chosen = given
    name = series.of or ""
    match series.aggregate:
        case Aggregate.UNIQUE_COUNT:
            return _distinct(number, split, name, given)
        case Aggregate.SUM | Aggregate.MAX | Aggregate.LAST if series.of is not None:
            measured = [(p, v) for p in chosen if (v := _number(events[p].data.get(name))) is not None]
            tally = _measured(series.aggregate, measured, events, weights, len(chosen) - len(measured))
            return CountedSplit(series=number, split=split, tally=tally)
        case _:
            tally = Tally(count=len(chosen), weight=weight_sum(_picked(weights, chosen)))
            return CountedSplit(series=number, split=split, tally=tally)


def _measured(
    aggregate: Aggregate,
    measured: Sequence[tuple[int, int | Decimal]],
    events: Sequence[CountedEvent],
    weights: Sequence[int],
    unmeasured: int,
) -> Tally:
    total, greatest, last = ZERO, None, None
    if aggregate is Aggregate.SUM:
        total = _sum(value for _, value in measured)
    elif measured and aggregate is Aggregate.MAX:
        greatest = Decimal(max(value for _, value in measured))
    elif measured:
        position, value = max(measured, key=lambda m: events[m[0]][:3])
        time_us, source, event_id, *_ = events[position]
        last = LastValue(time=from_us(time_us), source=source, id=event_id, value=Decimal(value))
    return Tally(
        count=len(measured),
        unmeasured=unmeasured,
        sum=total,
        max=greatest,
        last=last,
        weight=weight_sum(weights[position] for position, _ in measured),
    )


def _distinct(
    number: int,
    split: int,
    name: str,
    given: tuple[Sequence[CountedEvent], Sequence[int], Sequence[int]],
) -> CountedSplit:
    events, weights, chosen = given
    first: dict[str, int] = {}
    kept = []
    for position in chosen:
        value = events[position].data.get(name)
        if value is None:
            continue
        kept.append(weights[position])
        text = value if type(value) is str else text_of(value)
        time = events[position].time_us
        known = first.get(text)
        if known is None or time < known:
            first[text] = time
    tally = Tally(count=len(kept), unmeasured=len(chosen) - len(kept), weight=weight_sum(kept))
    return CountedSplit(series=number, split=split, tally=tally, first=first)


def _picked(weights: Sequence[int], chosen: Sequence[int]) -> Iterable[int]:
    return weights if len(chosen) == len(weights) else (weights[position] for position in chosen)


def _number(value: Scalar) -> int | Decimal | None:
    """As ``number_of``; a whole number stays one, because its sum is faster and as exact."""
    return value if type(value) is int else number_of(value)


def _sum(values: Iterable[int | Decimal]) -> Decimal:
    whole, rest = 0, ZERO
    for value in values:
        if type(value) is int:
            whole += value
        else:
            rest = EXACT.add(rest, value)
    return EXACT.add(Decimal(whole), rest)
