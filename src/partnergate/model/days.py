"""Time zones and the instants at which local days start.

Zones come from the ``tzdata`` package and never from the machine, so that a period has the same bounds
everywhere. A local day starts at its first instant: usually at midnight; after the gap if the clock skips
midnight; at the first midnight if the clock is set back across it. A day that does not exist in a zone
(Samoa, 2011-12-30) starts when the next day starts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(9998, 12, 31)
"""The days that a user can name. At the ends of the calendar, a period does not have both bounds."""
_ONE_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The names of all IANA zones, including links."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(names.split())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the zone with that name. Raises ``KeyError`` if it does not exist."""
    if name not in time_zones():
        raise KeyError(name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def local_date(instant: datetime, time_zone: str) -> date:
    """Return the local date in that zone."""
    return instant.astimezone(zone(time_zone)).date()


@lru_cache(maxsize=65536)
def first_instant(day: date, time_zone: str) -> datetime:
    """Return the first instant of the local day, in UTC."""
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
