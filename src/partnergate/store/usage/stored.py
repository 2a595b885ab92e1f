"""Reads stored usage events and their corrections as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.store.usage.rows import HOUR_US, Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

HourKey = tuple[int, int, int]
"""Owner, type, hour."""
_MOST = 900


def events_after(connection: Connection, position: int, most: int) -> list[Row]:
    """The next events by number."""
    return _fetched(connection, _NEXT, {"position": position, "most": most})


def events_numbered(connection: Connection, seqs: Sequence[int]) -> list[Row]:
    """The events of these numbers."""
    return _fetched_in_parts(connection, _BY_SEQ, seqs)


def older_targets(connection: Connection, corrections: Sequence[Row], position: int) -> list[Row]:
    """The recorded events up to ``position`` that the corrections name."""
    by_source: dict[int, set[str]] = {}
    for row in corrections:
        by_source.setdefault(row.source_no, set()).add(row.target)
    found: list[Row] = []
    for source, targets in by_source.items():
        ids = sorted(targets)
        for begin in range(0, len(ids), _MOST):
            part = {"source_no": source, "ids": ids[begin : begin + _MOST], "position": position}
            found.extend(_fetched(connection, _BY_KEY, part))
    return found


def has_corrections(connection: Connection) -> bool:
    """Whether any event was ever corrected; most stores need no further query."""
    return connection.execute(sa.text("SELECT 1 FROM usage_corrections LIMIT 1")).first() is not None


def new_corrected_by(connection: Connection, first: int, last: int) -> list[Row]:
    """The noted corrections of the events numbered ``first`` to ``last``."""
    return _fetched(connection, _CORRECTING_SPAN, {"first": first, "last": last})


def corrected_by(connection: Connection, seqs: Sequence[int]) -> list[Row]:
    """The noted corrections of the events of these numbers."""
    return _fetched_in_parts(connection, _CORRECTING, seqs)


def owned_before(connection: Connection, seqs: Sequence[int]) -> tuple[frozenset[HourKey], frozenset[int]]:
    """The hours that lose an event, and the events that had a partner."""
    hours: set[HourKey] = set()
    owned: set[int] = set()
    for begin in range(0, len(seqs), _MOST):
        for row in connection.execute(_OWNED, {"seqs": list(seqs[begin : begin + _MOST])}):
            hours.add((row.owner_no, row.type_no, row.time_us // HOUR_US))
            owned.add(row.seq)
    return frozenset(hours), frozenset(owned)


def _fetched(connection: Connection, query: sa.TextClause, values: Mapping[str, Any]) -> list[Row]:
    """Return all rows as plain tuples of the driver, because rows of the library are slow to create."""
    result = connection.execute(query, values)
    cursor: Any = result.cursor
    rows = list(map(Row._make, cursor.fetchall()))
    result.close()
    return rows


def _fetched_in_parts(connection: Connection, query: sa.TextClause, seqs: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    for begin in range(0, len(seqs), _MOST):
        found.extend(_fetched(connection, query, {"seqs": list(seqs[begin : begin + _MOST])}))
    return found


_COLUMNS = ", ".join(f"e.{name}" for name in Row._fields)
_NEXT = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.seq > :position ORDER BY e.seq LIMIT :most"  # noqa: S608
)
_BY_SEQ = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.seq IN :seqs ORDER BY e.seq"  # noqa: S608
).bindparams(sa.bindparam("seqs", expanding=True))
_BY_KEY = sa.text(
    f"SELECT {_COLUMNS} FROM usage_events e WHERE e.source_no = :source_no AND e.id IN :ids "  # noqa: S608
    "AND e.seq <= :position AND e.action = 0 ORDER BY e.seq"
).bindparams(sa.bindparam("ids", expanding=True))
_CORRECTED = (
    f"SELECT {_COLUMNS} FROM usage_events o "  # noqa: S608
    "JOIN usage_corrections c ON c.source_no = o.source_no AND c.target = o.id "
    "JOIN usage_events e ON e.seq = c.seq WHERE "
)
_CORRECTING = sa.text(f"{_CORRECTED} o.seq IN :seqs").bindparams(sa.bindparam("seqs", expanding=True))
_CORRECTING_SPAN = sa.text(f"{_CORRECTED} o.seq >= :first AND o.seq <= :last")
_OWNED = sa.text(
    "SELECT seq, owner_no, type_no, time_us FROM usage_attributed WHERE owner_no IS NOT NULL AND seq IN :seqs"
).bindparams(sa.bindparam("seqs", expanding=True))
