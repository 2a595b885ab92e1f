"""Sessions and logins as CSV or Parquet, for people with spreadsheets and for warehouses."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from partnergate.errors import UsageError
from partnergate.events.instants import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

_BATCH: Final = 10_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Columns of a table, and the instant by which it is cut."""

    table: str
    columns: tuple[str, ...]
    time: str


DATASETS: Final = {
    "sessions": Dataset(
        table="sessions",
        columns=(
            "realm", "session_id", "partner", "alias", "subject", "login_user", "started_ms", "ended_ms",
            "end_reason", "last_ms", "clients", "reason", "excluded", "login_id",
        ),
        time="started_ms",
    ),
    "logins": Dataset(
        table="logins",
        columns=(
            "realm", "event_id", "time_ms", "session_id", "partner", "alias", "subject", "user_id",
            "client_id", "reason", "excluded",
        ),
        time="time_ms",
    ),
}  # fmt: skip
"""Name on the command line -> what is written."""


def rows_of(
    connection: Connection, dataset: Dataset, start: datetime, end: datetime, partner: str | None
) -> Iterator[Sequence[Any]]:
    """Some thousand rows at a time, by time; instants are ISO 8601 in UTC."""
    only = "" if partner is None else " AND partner = :partner"
    times = [name.endswith("_ms") for name in dataset.columns]
    found = connection.execute(
        sa.text(
            f"SELECT {', '.join(dataset.columns)} FROM {dataset.table}"  # noqa: S608 - names of this file
            f" WHERE {dataset.time} >= :start AND {dataset.time} < :end{only}"
            f" ORDER BY {dataset.time}, {dataset.columns[1]}"
        ),
        {"start": to_ms(start), "end": to_ms(end), **({} if partner is None else {"partner": partner})},
        execution_options={"yield_per": _BATCH},
    )
    for part in found.partitions(_BATCH):
        yield [
            tuple(
                from_ms(v).isoformat(timespec="milliseconds") if is_time and v is not None else v
                for is_time, v in zip(times, row, strict=True)
            )
            for row in part
        ]


def titles(dataset: Dataset) -> tuple[str, ...]:
    """Column names as written: an instant is ``..._at``."""
    return tuple(c.removesuffix("_ms") + "_at" if c.endswith("_ms") else c for c in dataset.columns)


def write_csv(parts: Iterator[Sequence[Any]], dataset: Dataset, file: IO[str]) -> int:
    """Write rows as CSV; a text that a spreadsheet would run as a formula gets an apostrophe."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(titles(dataset))
    number = 0
    for part in parts:
        writer.writerows([_safe(v) for v in row] for row in part)
        number += len(part)
    return number


def write_parquet(parts: Iterator[Sequence[Any]], dataset: Dataset, path: Path) -> int:
    """Write rows as Parquet, all columns as text."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow", advice="pip install 'partnergate[export]'") from error
    names = titles(dataset)
    schema = pa.schema([(name, pa.string()) for name in names])
    number = 0
    with pq.ParquetWriter(path, schema) as writer:
        for part in parts:
            columns = list(zip(*part, strict=True))
            table = pa.table(dict(zip(names, map(list, columns), strict=True)), schema=schema)
            writer.write_table(table)
            number += len(part)
    return number


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
