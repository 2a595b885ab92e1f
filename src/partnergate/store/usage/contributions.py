"""What attributed events add to the rollups: gathered in memory, merged into the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.metering.counting import counted
from partnergate.metering.fact_hash import weight_bytes
from partnergate.metering.tally import EXACT, LastValue, Tally, merged
from partnergate.model.instants import from_us, to_us
from partnergate.store.database.bulk import upsert
from partnergate.store.usage.rows import DAY_HOURS, HOUR_US, QUARTER_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.counting import CountedEvent
    from partnergate.metering.series import Series

RollupKey = tuple[int, int, int, str]
"""Series, hour, split, why not billed."""


@dataclass(slots=True)
class Contributions:
    """Gathers what events add."""

    tallies: dict[RollupKey, list[Tally]] = field(default_factory=dict)
    values: dict[RollupKey, dict[str, int]] = field(default_factory=dict)
    """Distinct value -> its first time, in each hour."""
    seen: dict[tuple[int, int, str, str, str], int] = field(default_factory=dict)

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
        for part in counted(events, series):
            key = (part.series, hour, part.split, excluded)
            self.tallies.setdefault(key, []).append(part.tally)
            if part.first:
                known = self.values.setdefault(key, {})
                for value, time in part.first.items():
                    known[value] = min(known.get(value, time), time)

    def add_person(self, owner: int, time_us: int, person: str, user_id: str, excluded: str) -> None:
        """The person who used something."""
        key = (owner, time_us // QUARTER_US, person, user_id, excluded)
        known = self.seen.get(key)
        if known is None or time_us < known:
            self.seen[key] = time_us

    def merge(self, connection: Connection) -> None:
        """Add everything to what the tables hold."""
        keys = sorted(self.tallies)
        known = _stored_tallies(connection, keys)
        rows = []
        for key in keys:
            parts = self.tallies[key]
            rows.append(_rollup_row(key, merged([*parts, known[key]] if key in known else parts)))
        upsert(connection, "usage_rollups", _COLUMNS, rows, key=_COLUMNS[:4])
        for table, columns, firsts in (
            ("usage_values", _VALUE_COLUMNS, self._value_rows()),
            ("usage_seen", _SEEN_COLUMNS, [(*k, f) for k, f in sorted(self.seen.items())]),
        ):
            upsert(connection, table, columns, firsts, key=columns[:-1], smallest="first_us")

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
    "sum",
    "max",
    "last_us",
    "last_source",
    "last_id",
    "last_value",
    "weight",
)
_SPAN = sa.text(
    f"SELECT {', '.join(_COLUMNS)} FROM usage_rollups "  # noqa: S608 - column names of this file
    "WHERE series_no = :series_no AND hour >= :first AND hour <= :last"
)


def _stored_tallies(connection: Connection, keys: Sequence[RollupKey]) -> dict[RollupKey, Tally]:
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
                found[key] = tally_of(row)
    return found


def tally_of(row: Any) -> Tally:
    """The tally that a row of ``usage_rollups`` holds."""
    last = None
    if row.last_us is not None:
        last = LastValue(
            time=from_us(row.last_us), source=row.last_source, id=row.last_id, value=Decimal(row.last_value)
        )
    return Tally(
        count=row.count,
        unmeasured=row.unmeasured,
        sum=Decimal(row.sum),
        max=None if row.max is None else Decimal(row.max),
        last=last,
        weight=int.from_bytes(row.weight, "big"),
    )


def _rollup_row(key: RollupKey, tally: Tally) -> tuple[Any, ...]:
    last = tally.last
    return (
        *key,
        tally.count,
        tally.unmeasured,
        _text(tally.sum),
        None if tally.max is None else _text(tally.max),
        *((None,) * 4 if last is None else (to_us(last.time), last.source, last.id, _text(last.value))),
        weight_bytes(tally.weight),
    )


def _text(number: Decimal) -> str:
    """One text for one number, whatever the order in which it was summed."""
    return "0" if not number else format(number.normalize(EXACT), "f")
