"""Time zones and the instants at which local days begin.

Zones come from the ``tzdata`` package, never from the machine, so that a period has the same
edges everywhere. A local day begins at the first instant whose local date is that day: at
midnight; after the gap where the clock jumps over midnight; at the first midnight where the clock
is set back across it. A day that a zone never had (Samoa, 2011-12-30) begins when the next one does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

_ONE_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The name of every IANA zone, links included."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(names.split())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; ``KeyError`` when there is none."""
    if name not in time_zones():
        raise KeyError(name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def local_date(instant: datetime, time_zone: str) -> date:
    """The date on a clock of that zone."""
    return instant.astimezone(zone(time_zone)).date()


@lru_cache(maxsize=65536)
def first_instant(day: date, time_zone: str) -> datetime:
    """The first instant of the local day, in UTC."""
    where = zone(time_zone)
    midnight = datetime.combine(day, time(), tzinfo=where)
    first = midnight.astimezone(UTC)
    if first.astimezone(where).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return first
    before = midnight.replace(fold=1).astimezone(UTC)
    after = first
    while after - before > _ONE_SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(where).date() >= day:
            after = middle
        else:
            before = middle
    return after
