"""Recomputes complete hours of a partner from the attributed events, if increments are not sufficient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.metering.aggregates.aggregate import CountedEvent
from partnergate.metering.fact_hash import usage_identity
from partnergate.metering.usage_corrections import effective_event
from partnergate.store.meters.rollups import PEOPLE
from partnergate.store.usage.contributions import Contributions
from partnergate.store.usage.partner_of import FUTURE_US
from partnergate.store.usage.rows import DAY_HOURS, HOUR_US, QUARTERS, Row, data_of, event_of
from partnergate.store.usage.stored import has_corrections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from partnergate.metering.usage import UsageEvent
    from partnergate.store.meters.rollups import KeptMeters, NumberedSeries
    from partnergate.store.usage.stored import HourKey


def recompute_hours(
    connection: Connection,
    hours: AbstractSet[HourKey],
    meters: KeptMeters,
    *,
    only: frozenset[str] | None = None,
) -> None:
    """Recompute the hours, for all series of the partner or for those with the keys ``only``."""
    types = {row.no: row.type for row in connection.execute(sa.text("SELECT no, type FROM usage_types"))}
    for owner, type_no, hour in sorted(hours):
        if series := meters.series(owner, types[type_no], only):
            _count_again(connection, owner, type_no, hour, series)
    if only is None or PEOPLE in only:
        for owner, hour in sorted({(owner, hour) for owner, _, hour in hours}):
            if meters.people(owner):
                _recompute_seen(connection, owner, hour)


def _count_again(
    connection: Connection, owner: int, type_no: int, hour: int, series: Sequence[NumberedSeries]
) -> None:
    for number, _ in series:
        for statement in (_DROP_ROLLUP, _DROP_VALUES):
            connection.execute(statement, {"series_no": number, "hour": hour})
        connection.execute(_DROP_DAY, {"series_no": number, "day": hour // DAY_HOURS})
    counted = Contributions()
    span = {"start": hour * HOUR_US, "end": (hour + 1) * HOUR_US}
    counted.add_events(attributed_events(connection, owner, type_no, **span), series)
    counted.merge(connection)
    for number, _ in series:
        first = hour // DAY_HOURS * DAY_HOURS
        connection.execute(
            _FILL_DAY,
            {"series_no": number, "day": hour // DAY_HOURS, "first": first, "last": first + DAY_HOURS - 1},
        )


def _recompute_seen(connection: Connection, owner: int, hour: int) -> None:
    quarters = {"owner_no": owner, "first": hour * QUARTERS, "last": (hour + 1) * QUARTERS - 1}
    connection.execute(_DROP_SEEN, quarters)
    for row in connection.execute(sa.text("SELECT no FROM usage_types")).all():
        connection.execute(
            _FILL_SEEN,
            {
                "owner_no": owner,
                "type_no": row.no,
                "start": hour * HOUR_US,
                "end": (hour + 1) * HOUR_US,
            },
        )


def attributed_events(
    connection: Connection, owner: int, type_no: int, *, start: int, end: int
) -> Iterator[tuple[str, CountedEvent]]:
    """The partner's events of a type with ``start <= time < end`` as they count, and why not billed."""
    arguments = {"owner_no": owner, "type_no": type_no, "start": start, "end": end}
    names = connection.execute(_NAMES, {"type_no": type_no}).scalar_one()
    sources = {
        row.no: row.source for row in connection.execute(sa.text("SELECT no, source FROM usage_sources"))
    }
    corrections: dict[tuple[int, str], list[UsageEvent]] = {}
    if has_corrections(connection):
        for row in map(Row._make, connection.execute(_CORRECTIONS, arguments)):
            if row.time_us <= row.received_us + FUTURE_US:
                known = corrections.setdefault((row.source_no, row.target), [])
                known.append(event_of(row, sources[row.source_no], ""))
    for *columns, excluded in _streamed(connection.execute(_EVENTS, arguments)):
        stored = Row._make(columns)
        source = sources[stored.source_no]
        if correcting := corrections.get((stored.source_no, stored.id)):
            effective = effective_event(event_of(stored, source, names), correcting)
            if effective is None:
                continue
            data, identity = effective.event.data, effective.identity
        else:
            data, identity = data_of(stored.data), usage_identity(source, stored.id)
        yield excluded, CountedEvent(stored.time_us, source, stored.id, data, identity)


def _streamed(result: Any) -> Iterable[Any]:
    for part in result.partitions(10_000):
        yield from part


_COLUMNS = ", ".join(f"e.{name}" for name in Row._fields)
_EVENTS = sa.text(
    f"SELECT {_COLUMNS}, a.excluded FROM usage_attributed a JOIN usage_events e ON e.seq = a.seq "  # noqa: S608
    "WHERE a.owner_no = :owner_no AND a.type_no = :type_no AND a.time_us >= :start AND a.time_us < :end"
)
_CORRECTIONS = sa.text(
    f"SELECT {_COLUMNS} FROM usage_attributed a JOIN usage_events o ON o.seq = a.seq "  # noqa: S608
    "JOIN usage_corrections c ON c.source_no = o.source_no AND c.target = o.id "
    "JOIN usage_events e ON e.seq = c.seq "
    "WHERE a.owner_no = :owner_no AND a.type_no = :type_no AND a.time_us >= :start AND a.time_us < :end"
)
_NAMES = sa.text("SELECT type FROM usage_types WHERE no = :type_no")
_DROP_ROLLUP = sa.text("DELETE FROM usage_rollups WHERE series_no = :series_no AND hour = :hour")
_DROP_VALUES = sa.text(
    "DELETE FROM usage_values WHERE series_no = :series_no AND width = 1 AND bucket = :hour"
)
_DROP_DAY = sa.text("DELETE FROM usage_values WHERE series_no = :series_no AND width = 24 AND bucket = :day")
_FILL_DAY = sa.text(
    "INSERT INTO usage_values AS known (series_no, width, bucket, split, excluded, value, first_us) "
    "SELECT series_no, 24, CAST(:day AS BIGINT), split, excluded, value, min(first_us) FROM usage_values "
    "WHERE series_no = :series_no AND width = 1 AND bucket >= :first AND bucket <= :last "
    "GROUP BY series_no, split, excluded, value "
    "ON CONFLICT (series_no, width, bucket, split, excluded, value) DO UPDATE SET "
    "first_us = excluded.first_us WHERE excluded.first_us < known.first_us"
)
_DROP_SEEN = sa.text(
    "DELETE FROM usage_seen WHERE owner_no = :owner_no AND quarter >= :first AND quarter <= :last"
)
_FILL_SEEN = sa.text(
    "INSERT INTO usage_seen AS known (owner_no, quarter, person, user_id, excluded, first_us) "
    "SELECT owner_no, time_us / 900000000, person, coalesce(user_id, ''), excluded, min(time_us) "
    "FROM usage_attributed WHERE owner_no = :owner_no AND type_no = :type_no "
    "AND time_us >= :start AND time_us < :end AND person IS NOT NULL AND person <> '' "
    "GROUP BY owner_no, time_us / 900000000, person, coalesce(user_id, ''), excluded "
    "ON CONFLICT (owner_no, quarter, person, user_id, excluded) DO UPDATE SET "
    "first_us = excluded.first_us WHERE excluded.first_us < known.first_us"
)
