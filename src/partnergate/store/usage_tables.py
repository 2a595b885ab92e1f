"""The tables of usage. Events and corrections are raw and never change; the rest is derived from them.

Instants are integers, microseconds since 1970 in UTC. Sums are decimal text, exact in both databases.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

USAGE = MetaData()

_Number = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite takes only ``INTEGER`` as its row id; its integers have 64 bits anyway."""

SOURCES = Table(
    "usage_source",
    USAGE,
    Column("no", _Number, primary_key=True),
    Column("realm", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("realm", "source"),
)
"""One row for each source of a realm, so that the key of an event is short."""

TYPES = Table(
    "usage_type",
    USAGE,
    Column("no", _Number, primary_key=True),
    Column("type", Text, nullable=False, unique=True),
)

EVENTS = Table(
    "usage_event",
    USAGE,
    Column("seq", _Number, primary_key=True),
    Column("source_no", _Number, ForeignKey("usage_source.no"), nullable=False),
    Column("id", Text, nullable=False),
    Column("type_no", _Number, nullable=False),
    Column("time", _Number, nullable=False),
    Column("subject_kind", SmallInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("action", SmallInteger, nullable=False),
    Column("target", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("received", _Number, nullable=False),
    UniqueConstraint("source_no", "id"),
)
"""Raw: what was sent, once under its key."""

CORRECTIONS = Table(
    "usage_correction",
    USAGE,
    Column("source_no", _Number, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("seq", _Number, primary_key=True),
)
"""Derived: which events correct which."""

OWNERS = Table(
    "usage_owner",
    USAGE,
    Column("no", _Number, primary_key=True),
    Column("realm", Text, nullable=False),
    Column("partner", Text, nullable=False),
    UniqueConstraint("realm", "partner"),
)

ATTRIBUTED = Table(
    "usage_attributed",
    USAGE,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("owner_no", _Number),
    Column("reason", Text),
    Column("excluded", Text),
    Column("type_no", _Number, nullable=False),
    Column("time", _Number, nullable=False),
    Column("person", Text),
    Column("user_id", Text),
    Column("waits_for", Text),
)
"""Derived: whose each recorded event is, or why nobody's. ``waits_for`` names the login it waits for."""

Index("usage_attributed_by_time", ATTRIBUTED.c.owner_no, ATTRIBUTED.c.type_no, ATTRIBUTED.c.time)
Index(
    "usage_attributed_waiting",
    ATTRIBUTED.c.waits_for,
    sqlite_where=ATTRIBUTED.c.waits_for.is_not(None),
    postgresql_where=ATTRIBUTED.c.waits_for.is_not(None),
)

SERIES = Table(
    "usage_series",
    USAGE,
    Column("no", _Number, primary_key=True),
    Column("owner_no", _Number, nullable=False),
    Column("key", Text, nullable=False),
    Column("definition", Text, nullable=False),
    UniqueConstraint("owner_no", "key"),
)
"""Derived: the series of each partner that have rollups."""

ROLLUPS = Table(
    "usage_rollup",
    USAGE,
    Column("series_no", _Number, primary_key=True, autoincrement=False),
    Column("hour", _Number, primary_key=True, autoincrement=False),
    Column("split", SmallInteger, primary_key=True, autoincrement=False),
    Column("excluded", Text, primary_key=True),
    Column("count", _Number, nullable=False),
    Column("unmeasured", _Number, nullable=False),
    Column("sum", Text, nullable=False),
    Column("max", Text),
    Column("last_time", _Number),
    Column("last_source", Text),
    Column("last_id", Text),
    Column("last_value", Text),
    Column("weight", LargeBinary, nullable=False),
)
"""Derived: the tally of a series in one hour. ``excluded`` is empty for what is billed."""

VALUES = Table(
    "usage_value",
    USAGE,
    Column("series_no", _Number, primary_key=True, autoincrement=False),
    Column("width", SmallInteger, primary_key=True, autoincrement=False),
    Column("bucket", _Number, primary_key=True, autoincrement=False),
    Column("split", SmallInteger, primary_key=True, autoincrement=False),
    Column("excluded", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("first", _Number, nullable=False),
)
"""Derived: the distinct values of a series in each hour (``width`` 1) and each day in UTC (``width`` 24)."""

SEEN = Table(
    "usage_seen",
    USAGE,
    Column("owner_no", _Number, primary_key=True, autoincrement=False),
    Column("quarter", _Number, primary_key=True, autoincrement=False),
    Column("person", Text, primary_key=True),
    Column("excluded", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("first", _Number, nullable=False),
)
"""Derived: who used something in which quarter of an hour; every time zone's midnight is at a quarter."""

STATE = Table(
    "usage_state",
    USAGE,
    Column("name", Text, primary_key=True),
    Column("number", _Number, nullable=False),
)
"""Derived: how far the raw events are attributed."""

DERIVED = (CORRECTIONS, ATTRIBUTED, SERIES, ROLLUPS, VALUES, SEEN, STATE)
"""What a rebuild empties and fills again."""

HOUR = 3_600_000_000
DAY = 24 * HOUR
QUARTER = HOUR // 4

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """The instant as stored."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(number: int) -> datetime:
    """The instant that is stored as ``number``."""
    return _EPOCH + timedelta(microseconds=number)
