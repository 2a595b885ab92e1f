"""Many rows in one statement, each key stored once."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from partnergate.store.database.engine import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_SMALL = 64
"""Below this a staging table costs more than it saves."""


def insert_new(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> int:
    """Insert the rows with new keys, and return how many were inserted."""
    if not rows:
        return 0
    listed = ", ".join(columns)
    if connection.dialect.name == Dialect.SQLITE:
        marks = ", ".join("?" * len(columns))
        result = connection.exec_driver_sql(
            f"INSERT INTO {table} ({listed}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
            list(rows),
        )
        return result.rowcount
    if len(rows) < _SMALL:
        marks = ", ".join(["%s"] * len(columns))
        result = connection.exec_driver_sql(
            f"INSERT INTO {table} ({listed}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
            list(rows),
        )
        return result.rowcount
    stage = copy_to_stage(connection, table, columns, rows)
    result = connection.exec_driver_sql(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {stage} ON CONFLICT DO NOTHING"  # noqa: S608
    )
    return result.rowcount


def append(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows with new keys, which is cheaper than a check of each key.

    The caller has checked the keys and holds the lock for writing such rows. If a key exists, the
    transaction fails.
    """
    if not rows:
        return
    listed = ", ".join(columns)
    if connection.dialect.name == Dialect.SQLITE:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({listed}) VALUES ({marks})", list(rows))  # noqa: S608
        return
    _copy(connection, f"{table} ({listed})", rows)


def upsert(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    key: Sequence[str],
    smallest: str = "",
) -> None:
    """Insert the rows, or replace those with the same keys; keys are distinct in ``rows``.

    With ``smallest`` only that column is written over, and only by a smaller value.
    """
    if not rows:
        return
    listed = ", ".join(columns)
    changed = (smallest,) if smallest else tuple(c for c in columns if c not in key)
    action = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET " + ", ".join(
        f"{c} = excluded.{c}" for c in changed
    )
    if smallest:
        action += f" WHERE excluded.{smallest} < {table}.{smallest}"
    mark = "?" if connection.dialect.name == Dialect.SQLITE else "%s"
    if connection.dialect.name == Dialect.SQLITE or len(rows) < _SMALL:
        marks = ", ".join([mark] * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {table} ({listed}) VALUES ({marks}) {action}",  # noqa: S608
            list(rows),
        )
        return
    stage = copy_to_stage(connection, table, columns, rows)
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {stage} {action}"  # noqa: S608
    )


def update_by_key(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    key: Sequence[str],
) -> None:
    """Update some columns of existing rows; indexes over other columns are not touched.

    Each row contains the values of ``columns``, then those of ``key``.
    """
    if not rows:
        return
    if connection.dialect.name == Dialect.SQLITE:
        given = ", ".join(f"{c} = ?" for c in columns)
        which = " AND ".join(f"{c} = ?" for c in key)
        connection.exec_driver_sql(f"UPDATE {table} SET {given} WHERE {which}", list(rows))  # noqa: S608
        return
    stage = copy_to_stage(connection, table, (*columns, *key), rows)
    given = ", ".join(f"{c} = stage.{c}" for c in columns)
    which = " AND ".join(f"t.{c} = stage.{c}" for c in key)
    connection.exec_driver_sql(f"UPDATE {table} t SET {given} FROM {stage} stage WHERE {which}")  # noqa: S608


def select_by_key(
    connection: Connection,
    columns: str,
    table: str,
    key: str,
    wanted: Sequence[str],
    *,
    realm: str | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a table with the given keys, of one realm if it is given.

    The keys go as one value and are joined: one statement whatever their number, and PostgreSQL would
    scan the table for a long IN list until it has statistics. ``%b`` sends them in binary, which costs
    a sixth of the time that text does.
    """
    if connection.dialect.name == Dialect.POSTGRESQL:
        at = "" if realm is None else "t.realm = %s AND "
        query = (
            f"SELECT {columns} FROM unnest(%b::text[]) AS wanted(wanted_key)"  # noqa: S608
            f" JOIN {table} t ON {at}t.{key} = wanted.wanted_key"
        )
        for ids in in_chunks(wanted, 5_000):
            yield from _fetched(connection, query, (ids,) if realm is None else (ids, realm))
        return
    at = "" if realm is None else "t.realm = ? AND "
    query = (
        f"SELECT {columns} FROM (SELECT value AS wanted_key FROM json_each(?)) AS wanted"  # noqa: S608
        f" CROSS JOIN {table} t ON {at}t.{key} = wanted.wanted_key"
    )
    for ids in in_chunks(wanted, 5_000):
        listed = json.dumps(ids)
        yield from _fetched(connection, query, (listed,) if realm is None else (listed, realm))


def _fetched(connection: Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """All rows at once as the driver has them; one by one they cost more than what is done with them."""
    result = connection.exec_driver_sql(query, values)
    cursor: Any = result.cursor
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return rows


def in_chunks(values: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    """Parts that fit into one ``IN (...)``."""
    for begin in range(0, len(values), size):
        yield list(values[begin : begin + size])


def copy_to_stage(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> str:
    """Copy rows into a temporary table of the same columns; its name. It lives for this transaction."""
    listed = ", ".join(columns)
    stage = f"stage_{table}_{zlib.crc32(listed.encode()):08x}"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS "  # noqa: S608
        f"AS SELECT {listed} FROM {table} LIMIT 0"
    )
    connection.exec_driver_sql(f"TRUNCATE {stage}")
    _copy(connection, f"{stage} ({listed})", rows)
    return stage


def _copy(connection: Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    finally:
        cursor.close()
