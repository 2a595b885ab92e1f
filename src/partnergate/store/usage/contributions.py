"""The increments of rollups by attributed events, collected in memory and merged into the tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.counting import counted
from partnergate.metering.fact_hash import weight_bytes
from partnergate.metering.tally import Tally, merged
from partnergate.store.database.bulk import upsert
from partnergate.store.usage.rows import DAY_HOURS, HOUR_US, QUARTER_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.aggregates import Aggregate
    from partnergate.metering.aggregates.aggregate import CountedEvent
    from partnergate.metering.series import Series

RollupKey = tuple[int, int, int, str]
"""Series, hour, split, why not billed."""


@dataclass(slots=True)
class Contributions:
    """Collects the increments of events."""

    tallies: dict[RollupKey, list[Tally]] = field(default_factory=dict)
    values: dict[RollupKey, dict[str, int]] = field(default_factory=dict)
    """Distinct value -> its first time, in each hour."""
    seen: dict[tuple[int, int, str, str, str], int] = field(default_factory=dict)

    aggregates: dict[int, Aggregate] = field(default_factory=dict)
    """The aggregate of each series."""

    def add_events(
        self, events: Iterable[tuple[str, CountedEvent]], series: Sequence[tuple[int, Series]]
    ) -> None:
        """Events of one partner and type in every series of that type, each with why it is not billed."""
        by_hour: dict[tuple[int, str], list[CountedEvent]] = {}
        for excluded, event in events:
            by_hour.setdefault((event.time_us // HOUR_US, excluded), []).append(event)
        for (hour, excluded), of_hour in by_hour.items():
            self.add_hour(hour, excluded, of_hour, series)

    def add_hour(
        self, hour: int, excluded: str, events: Sequence[CountedEvent], series: Sequence[tuple[int, Series]]
    ) -> None:
        """Events that lie in one hour and are billed, or not, for one reason."""
        for number, definition in series:
            self.aggregates[number] = aggregate_named(definition.aggregate)
        for part in counted(events, series):
            key = (part.series, hour, part.split, excluded)
            tally = part.tally
            if self.aggregates[part.series].distinct and tally.state is not None:
                known = self.values.setdefault(key, {})
                for value, time in tally.state.items():
                    known[value] = min(known.get(value, time), time)
                tally = replace(tally, state=None)
            self.tallies.setdefault(key, []).append(tally)

    def add_person(self, owner: int, time_us: int, person: str, user_id: str, excluded: str) -> None:
        """The user."""
        key = (owner, time_us // QUARTER_US, person, user_id, excluded)
        known = self.seen.get(key)
        if known is None or time_us < known:
            self.seen[key] = time_us

    def merge(self, connection: Connection) -> None:
        """Merge all increments into the tables."""
        keys = sorted(self.tallies)
        known = self._stored_tallies(connection, keys)
        rows = []
        for key in keys:
            aggregate = self.aggregates[key[0]]
            parts = self.tallies[key]
            total = merged([*parts, known[key]] if key in known else parts, aggregate.merge)
            rows.append(_rollup_row(key, total, aggregate))
        upsert(connection, "usage_rollups", _COLUMNS, rows, key=_COLUMNS[:4])
        for table, columns, firsts in (
            ("usage_values", _VALUE_COLUMNS, self._value_rows()),
            ("usage_seen", _SEEN_COLUMNS, [(*k, f) for k, f in sorted(self.seen.items())]),
        ):
            upsert(connection, table, columns, firsts, key=columns[:-1], smallest="first_us")

    def _stored_tallies(self, connection: Connection, keys: Sequence[RollupKey]) -> dict[RollupKey, Tally]:
        spans: dict[int, tuple[int, int]] = {}
        for series, hour, _, _ in keys:
            first, last = spans.get(series, (hour, hour))
            spans[series] = (min(first, hour), max(last, hour))
        wanted = set(keys)
        found = {}
        for series, (first, last) in spans.items():
            for row in connection.execute(_SPAN, {"series_no": series, "first": first, "last": last}):
                key = (row.series_no, row.hour, row.split, row.excluded)
                if key in wanted:
                    found[key] = tally_of(row, self.aggregates[series])
        return found

    def _value_rows(self) -> list[tuple[Any, ...]]:
        """The distinct values of each hour and of each day."""
        rows: list[tuple[Any, ...]] = []
        days: dict[RollupKey, dict[str, int]] = {}
        for (series, hour, split, excluded), first in self.values.items():
            rows.extend((series, 1, hour, split, excluded, value, at) for value, at in first.items())
            day = days.setdefault((series, hour // DAY_HOURS, split, excluded), {})
            for value, at in first.items():
                day[value] = min(day.get(value, at), at)
        for (series, bucket, split, excluded), first in days.items():
            rows.extend(
                (series, DAY_HOURS, bucket, split, excluded, value, at) for value, at in first.items()
            )
        return sorted(rows)


_VALUE_COLUMNS = ("series_no", "width", "bucket", "split", "excluded", "value", "first_us")
_SEEN_COLUMNS = ("owner_no", "quarter", "person", "user_id", "excluded", "first_us")
_COLUMNS = (
    "series_no",
    "hour",
    "split",
    "excluded",
    "count",
    "unmeasured",
    "state",
    "weight",
)
_SPAN = sa.text(
    f"SELECT {', '.join(_COLUMNS)} FROM usage_rollups "  # noqa: S608 - column names of this file
    "WHERE series_no = :series_no AND hour >= :first AND hour <= :last"
)


def tally_of(row: Any, aggregate: Aggregate) -> Tally:
    """The tally in a row of ``usage_rollups``."""
    return Tally(
        count=row.count,
        unmeasured=row.unmeasured,
        state=None if row.state is None else aggregate.decode(row.state),
        weight=int.from_bytes(row.weight, "big"),
    )


def _rollup_row(key: RollupKey, tally: Tally, aggregate: Aggregate) -> tuple[Any, ...]:
    state = None if tally.state is None else aggregate.encode(tally.state)
    return (*key, tally.count, tally.unmeasured, state, weight_bytes(tally.weight))
