"""What attributed events add to the rollups: gathered in memory, merged into the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.spec.agreement import Aggregate
from partnergate.store.instants import from_us, to_us
from partnergate.store.usage_rows import DAY_HOURS, HOUR_US, QUARTER_US
from partnergate.usage.facts import fact_weight, weight_bytes
from partnergate.usage.metering import distinct_value, measured_tally
from partnergate.usage.tally import EXACT, LastValue, Tally, merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.usage.amending import EffectiveEvent
    from partnergate.usage.series import Series

RollupKey = tuple[int, int, int, str]
"""Series, hour, split, why not billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """What is kept in rollups for one partner."""

    series: tuple[tuple[int, Series], ...]
    """(number, definition)"""
    people: bool
    """Whether who used something is kept, for agreements that count active users by usage."""


@dataclass(slots=True)
class Contributions:
    """Gathers what events add."""

    tallies: dict[RollupKey, list[Tally]] = field(default_factory=dict)
    values: dict[tuple[int, int, int, int, str, str], int] = field(default_factory=dict)
    seen: dict[tuple[int, int, str, str, str], int] = field(default_factory=dict)

    def add_event(
        self, effective: EffectiveEvent, series: Iterable[tuple[int, Series]], excluded: str
    ) -> None:
        """The event in every series of its type."""
        weight: int | None = None
        for number, definition in series:
            split = definition.split_of(effective.event.data)
            if split is None:
                continue
            if weight is None:
                weight = fact_weight(effective.identity)
            time = to_us(effective.event.time)
            hour = time // HOUR_US
            tally = measured_tally(definition, effective, weight)
            self.tallies.setdefault((number, hour, split, excluded), []).append(tally)
            if definition.aggregate is Aggregate.UNIQUE_COUNT:
                value = distinct_value(definition, effective)
                if value is not None:
                    self._add_value(number, split, excluded, value, time)

    def add_person(self, owner: int, time_us: int, person: str, user_id: str, excluded: str) -> None:
        """The person who used something."""
        key = (owner, time_us // QUARTER_US, person, user_id, excluded)
        self.seen[key] = min(self.seen.get(key, time_us), time_us)

    def _add_value(self, series: int, split: int, excluded: str, value: str, time: int) -> None:
        hour = time // HOUR_US
        for width in (1, DAY_HOURS):
            key = (series, width, hour // width, split, excluded, value)
            self.values[key] = min(self.values.get(key, time), time)

    def merge(self, connection: Connection) -> None:
        """Add everything to what the tables hold."""
        keys = sorted(self.tallies)
        known = _stored_tallies(connection, keys)
        rows = []
        for key in keys:
            parts = self.tallies[key]
            rows.append(_rollup_row(key, merged([*parts, known[key]] if key in known else parts)))
        if rows:
            connection.execute(_UPSERT_ROLLUP, rows)
        if self.values:
            columns = ("series_no", "width", "bucket", "split", "excluded", "value", "first_us")
            values = [dict(zip(columns, (*k, f), strict=True)) for k, f in sorted(self.values.items())]
            connection.execute(_UPSERT_VALUE, values)
        if self.seen:
            names = ("owner_no", "quarter", "person", "user_id", "excluded", "first_us")
            people = [dict(zip(names, (*k, f), strict=True)) for k, f in sorted(self.seen.items())]
            connection.execute(_UPSERT_SEEN, people)


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
_UPSERT_ROLLUP = sa.text(
    f"INSERT INTO usage_rollups ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + c for c in _COLUMNS)}) "  # noqa: S608
    "ON CONFLICT (series_no, hour, split, excluded) DO UPDATE SET "
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[4:])
)
_UPSERT_VALUE = sa.text(
    "INSERT INTO usage_values AS known (series_no, width, bucket, split, excluded, value, first_us) "
    "VALUES (:series_no, :width, :bucket, :split, :excluded, :value, :first_us) "
    "ON CONFLICT (series_no, width, bucket, split, excluded, value) DO UPDATE SET "
    "first_us = excluded.first_us WHERE excluded.first_us < known.first_us"
)
_UPSERT_SEEN = sa.text(
    "INSERT INTO usage_seen AS known (owner_no, quarter, person, user_id, excluded, first_us) "
    "VALUES (:owner_no, :quarter, :person, :user_id, :excluded, :first_us) "
    "ON CONFLICT (owner_no, quarter, person, user_id, excluded) DO UPDATE SET "
    "first_us = excluded.first_us WHERE excluded.first_us < known.first_us"
)
_SPAN = sa.text(
    "SELECT * FROM usage_rollups WHERE series_no = :series_no AND hour >= :first AND hour <= :last"
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


def _rollup_row(key: RollupKey, tally: Tally) -> Mapping[str, Any]:
    last = tally.last
    return {
        "series_no": key[0],
        "hour": key[1],
        "split": key[2],
        "excluded": key[3],
        "count": tally.count,
        "unmeasured": tally.unmeasured,
        "sum": _text(tally.sum),
        "max": None if tally.max is None else _text(tally.max),
        "last_us": None if last is None else to_us(last.time),
        "last_source": None if last is None else last.source,
        "last_id": None if last is None else last.id,
        "last_value": None if last is None else _text(last.value),
        "weight": weight_bytes(tally.weight),
    }


def _text(number: Decimal) -> str:
    """One text for one number, whatever the order in which it was summed."""
    return "0" if not number else format(number.normalize(EXACT), "f")
