"""Counts many events of one partner at once, with the same tallies as ``metering.meters``.

Attribution counts every event that is received, so this module dominates its run time. A property test
checks ``counted`` against ``meters.measured_tally`` and ``tally.merged``, which define the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.fact_hash import fact_weight, weight_sum
from partnergate.metering.series import REST
from partnergate.metering.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partnergate.metering.aggregates.aggregate import CountedEvent
    from partnergate.metering.series import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedSplit:
    """What some events add to one split of a series."""

    series: int
    split: int
    tally: Tally


def counted(events: Sequence[CountedEvent], series: Iterable[tuple[int, Series]]) -> Iterator[CountedSplit]:
    """What the events add to each (number, series), in the order of the series and of their splits."""
    weights: list[int] = []
    for number, definition in series:
        for split, chosen in _by_split(definition, events):
            if not weights:
                weights.extend(fact_weight(event.identity) for event in events)
            tally = _tally(definition, events, weights, chosen)
            yield CountedSplit(series=number, split=split, tally=tally)


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


def _tally(
    series: Series, events: Sequence[CountedEvent], weights: Sequence[int], chosen: Sequence[int]
) -> Tally:
    aggregate = aggregate_named(series.aggregate)
    if not aggregate.reads_field:
        return Tally(count=len(chosen), weight=weight_sum(_picked(weights, chosen)))
    name, measure = series.of or "", aggregate.measure
    measured: list[tuple[int, Any]] = [
        (position, value)
        for position in chosen
        if (value := measure(events[position].data.get(name))) is not None
    ]
    return Tally(
        count=len(measured),
        unmeasured=len(chosen) - len(measured),
        state=aggregate.fold(measured, events) if measured else None,
        weight=weight_sum(weights[position] for position, _ in measured),
    )


def _picked(weights: Sequence[int], chosen: Sequence[int]) -> Iterable[int]:
    return weights if len(chosen) == len(weights) else (weights[position] for position in chosen)
