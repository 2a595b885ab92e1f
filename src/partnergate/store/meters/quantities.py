"""Quantities of a partner: whole hours from rollups, and the rest from single events.

``metering.meters`` defines every meter; a property test compares this module with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import sqlalchemy as sa

from partnergate.attribution.outcome import Exclusion
from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.meters import MeteredSpan, distinct_quantities, tallied_quantities
from partnergate.metering.series import Series, series_of_charge
from partnergate.metering.tally import Tally, merged
from partnergate.model.agreement import (
    ActiveUsersMeter,
    LoginsMeter,
    SessionsMeter,
    UsageMeter,
)
from partnergate.model.event_data import number_of
from partnergate.model.instants import from_us, to_us
from partnergate.pricing.event_bounds import needs_each_event
from partnergate.store.meters.login_meters import MeterQuery, active_quantity, login_quantity
from partnergate.store.usage.contributions import Contributions, tally_of
from partnergate.store.usage.recompute import attributed_events
from partnergate.store.usage.rows import DAY_HOURS, HOUR_US, owners, types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy import Connection

    from partnergate.metering.meters import Split
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Agreement, Charge
    from partnergate.model.partner import PartnerId


def quantities(
    connection: Connection, realm: str, partner: PartnerId, agreement: Agreement, span: MeteredSpan
) -> tuple[Quantity, ...]:
    """One quantity for each metered charge and split, in the order of the agreement."""
    found: list[Quantity] = []
    for charge in agreement.charges:
        query = MeterQuery(connection=connection, realm=realm, partner=partner, name=charge.name, span=span)
        match charge.meter:
            case None:
                continue
            case UsageMeter():
                found.extend(_usage(connection, realm, partner, charge, span))
            case ActiveUsersMeter():
                found.append(active_quantity(query, agreement))
            case LoginsMeter():
                found.append(login_quantity(query, sessions=False))
            case SessionsMeter():
                found.append(login_quantity(query, sessions=True))
            case _:
                assert_never(charge.meter)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A series of one partner, and where its events and rollups are."""

    connection: Connection
    owner: int | None
    type_no: int | None
    number: int | None
    """The meters of the rollups; None without rollups."""
    series: Series

    def edges(self, start: int, end: int) -> Contributions:
        """Return the contribution of single events in ``[start, end)``."""
        added = Contributions()
        if self.owner is not None and self.type_no is not None and start < end:
            events = attributed_events(self.connection, self.owner, self.type_no, start=start, end=end)
            added.add_events(events, ((0, self.series),))
        return added

    def tallies(self, start: int, end: int) -> dict[Split, Tally]:
        """The tally of each split in ``[start, end)``."""
        aggregate = aggregate_named(self.series.aggregate)
        parts: dict[Split, list[Tally]] = {}
        for first, last in self.raw_spans(start, end):
            for (_, _, split, excluded), tallies in self.edges(first, last).tallies.items():
                parts.setdefault(_split(split, excluded), []).extend(tallies)
        if hours := self.whole_hours(start, end):
            rows = self.connection.execute(
                _ROLLUPS, {"series_no": self.number, "first": hours[0], "last": hours[1]}
            )
            for row in rows:
                tally = tally_of(row, aggregate)
                parts.setdefault(_split(row.split, row.excluded), []).append(tally)
        return {split: merged(tallies, aggregate.merge) for split, tallies in parts.items()}

    def values(self, start: int, end: int) -> dict[Split, dict[str, int]]:
        """Each distinct value of each split in ``[start, end)``, with its first time in microseconds."""
        first: dict[Split, dict[str, int]] = {}

        def note(split: int, excluded: str, value: str, time: int) -> None:
            known = first.setdefault(_split(split, excluded), {})
            known[value] = min(known.get(value, time), time)

        for begin, end_of in self.raw_spans(start, end):
            for (_, _, split, excluded), firsts in self.edges(begin, end_of).values.items():
                for value, time in firsts.items():
                    note(split, excluded, value, time)
        if hours := self.whole_hours(start, end):
            for width, low, high in _day_parts(*hours):
                arguments = {"series_no": self.number, "width": width, "first": low, "last": high}
                for row in self.connection.execute(_VALUES, arguments):
                    note(row.split, row.excluded, row.value, row.first_us)
        return first

    def whole_hours(self, start: int, end: int) -> tuple[int, int] | None:
        """The first whole hour and the one after the last, where there are rollups."""
        first, last = -(-start // HOUR_US), end // HOUR_US
        return (first, last) if self.number is not None and first < last else None

    def raw_spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Return the parts of the span without rollups."""
        hours = self.whole_hours(start, end)
        if hours is None:
            yield start, end
        else:
            yield start, hours[0] * HOUR_US
            yield hours[1] * HOUR_US, end

    def each_value(self, start: int, end: int) -> dict[int, list[tuple[datetime, str, str, Decimal]]]:
        """The value of every billed event in ``[start, end)``, by split."""
        found: dict[int, list[tuple[datetime, str, str, Decimal]]] = {}
        if self.owner is None or self.type_no is None:
            return found
        events = attributed_events(self.connection, self.owner, self.type_no, start=start, end=end)
        for excluded, event in events:
            split = self.series.split_of(event.data)
            value = number_of(event.data.get(self.series.of or ""))
            if split is not None and value is not None and not excluded:
                time = from_us(event.time_us)
                found.setdefault(split, []).append((time, event.source, event.id, value))
        return found


def _usage(
    connection: Connection, realm: str, partner: PartnerId, charge: Charge, span: MeteredSpan
) -> tuple[Quantity, ...]:
    series = series_of_charge(charge)
    if series is None:
        return ()
    owner = owners().find(connection, realm, partner)
    number = None
    if owner is not None:
        number = connection.execute(_SERIES, {"owner_no": owner, "series": series.key}).scalar()
    measured = _Measured(
        connection=connection,
        owner=owner,
        type_no=types().find(connection, series.event),
        number=number,
        series=series,
    )
    start, end = to_us(span.start), to_us(span.end)
    tallies = measured.tallies(start, end)
    if aggregate_named(series.aggregate).distinct:
        firsts = measured.values(to_us(span.whole_start), to_us(span.whole_end))
        return distinct_quantities(charge.name, series, firsts, tallies, span)
    values = measured.each_value(start, end) if needs_each_event(charge) else {}
    return tallied_quantities(charge.name, series, tallies, values, span)


def _day_parts(first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Whole hours ``[first, last)`` as whole days and the hours before and after: width, first, last."""
    first_day, last_day = -(-first // DAY_HOURS), last // DAY_HOURS
    if first_day >= last_day:
        yield 1, first, last
        return
    yield DAY_HOURS, first_day, last_day
    yield 1, first, first_day * DAY_HOURS
    yield 1, last_day * DAY_HOURS, last


def _split(split: int, excluded: str) -> Split:
    return (split, Exclusion(excluded) if excluded else None)


_SERIES = sa.text("SELECT no FROM usage_series WHERE owner_no = :owner_no AND series = :series")
_ROLLUPS = sa.text(
    "SELECT * FROM usage_rollups WHERE series_no = :series_no AND hour >= :first AND hour < :last"
)
_VALUES = sa.text(
    "SELECT split, excluded, value, min(first_us) AS first_us FROM usage_values "
    "WHERE series_no = :series_no AND width = :width AND bucket >= :first AND bucket < :last "
    "GROUP BY split, excluded, value"
)
