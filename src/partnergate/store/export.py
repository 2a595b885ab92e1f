"""Exports sessions, logins and usage events as CSV or Parquet, for spreadsheets and data warehouses."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from partnergate.errors import UsageError
from partnergate.model.instants import from_ms, from_us, to_ms, to_us
from partnergate.safe_text import spreadsheet_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

_BATCH: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """An exportable data set: its source, columns, and the time column for filtering and ordering."""

    source: str
    """The FROM clause."""
    columns: tuple[tuple[str, str], ...]
    """Title and expression. A timestamp's title ends with ``_at``, its expression with ``_ms``/``_us``."""
    time: str
    order: str
    """Additional columns that order rows with the same timestamp."""
    partner: str


def _plain(table: str, names: str, *, time: str, order: str) -> Dataset:
    """Return a data set from the columns of one table."""
    columns = tuple((_titled(name), name) for name in names.split())
    return Dataset(source=table, columns=columns, time=time, order=order, partner="partner")


def _titled(name: str) -> str:
    return name.removesuffix("_ms") + "_at" if name.endswith("_ms") else name


DATASETS: Final = {
    "sessions": _plain(
        "sessions",
        "realm session_id partner alias subject login_user started_ms ended_ms"
        " end_reason last_ms clients reason excluded login_id",
        time="started_ms",
        order="session_id",
    ),
    "logins": _plain(
        "logins",
        "realm event_id time_ms session_id partner alias subject user_id client_id reason excluded",
        time="time_ms",
        order="event_id",
    ),
    "usage": Dataset(
        source="usage_events e JOIN usage_sources s ON s.no = e.source_no"
        " JOIN usage_types t ON t.no = e.type_no"
        " LEFT JOIN usage_attributed a ON a.seq = e.seq LEFT JOIN usage_owners o ON o.no = a.owner_no",
        columns=(
            ("realm", "s.realm"),
            ("source", "s.source"),
            ("id", "e.id"),
            ("type", "t.type"),
            ("time_at", "e.time_us"),
            ("received_at", "e.received_us"),
            ("action", "CASE e.action WHEN 0 THEN 'record' WHEN 1 THEN 'amend' ELSE 'void' END"),
            ("target", "e.target"),
            # A partner-side user identifier is personal data, so only its keyed hash (subject) is exported.
            ("session_id", "CASE WHEN e.subject_kind = 1 THEN e.subject END"),
            ("partner", "o.partner"),
            ("subject", "a.person"),
            ("user_id", "a.user_id"),
            ("reason", "a.reason"),
            ("excluded", "a.excluded"),
            ("data", "e.data"),
        ),
        time="e.time_us",
        order="s.source, e.id",
        partner="o.partner",
    ),
}
"""Data sets by their name on the command line."""


def rows_of(
    connection: Connection, dataset: Dataset, start: datetime, end: datetime, partner: str | None
) -> Iterator[Sequence[Any]]:
    """Yield batches of rows in ``[start, end)``, ordered by time. Timestamps are ISO 8601 in UTC."""
    only = "" if partner is None else f" AND {dataset.partner} = :partner"
    formats = [_timestamp_format(expression) for _, expression in dataset.columns]
    number = to_us if dataset.time.endswith("_us") else to_ms
    found = connection.execute(
        sa.text(
            f"SELECT {', '.join(expression for _, expression in dataset.columns)} FROM {dataset.source}"  # noqa: S608 - names of this file
            f" WHERE {dataset.time} >= :start AND {dataset.time} < :end{only}"
            f" ORDER BY {dataset.time}, {dataset.order}"
        ),
        {"start": number(start), "end": number(end), **({} if partner is None else {"partner": partner})},
        execution_options={"yield_per": _BATCH},
    )
    for part in found.partitions(_BATCH):
        yield [
            tuple(
                value if format_value is None or value is None else format_value(value)
                for format_value, value in zip(formats, row, strict=True)
            )
            for row in part
        ]


def _timestamp_format(expression: str) -> Callable[[int], str] | None:
    """Return the formatter of a timestamp at its stored precision; None for other columns."""
    if expression.endswith("_ms"):
        return lambda value: from_ms(value).isoformat(timespec="milliseconds")
    if expression.endswith("_us"):
        return lambda value: from_us(value).isoformat(timespec="microseconds")
    return None


def titles(dataset: Dataset) -> tuple[str, ...]:
    """Return the column names of the export."""
    return tuple(title for title, _ in dataset.columns)


def write_csv(parts: Iterator[Sequence[Any]], dataset: Dataset, file: IO[str]) -> int:
    """Write rows as CSV and return their number. Text that looks like a formula gets an apostrophe prefix."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(titles(dataset))
    number = 0
    for part in parts:
        writer.writerows([spreadsheet_cell(v) if isinstance(v, str) else v for v in row] for row in part)
        number += len(part)
    return number


def write_parquet(parts: Iterator[Sequence[Any]], dataset: Dataset, path: Path) -> int:
    """Write rows as Parquet, with all columns as text, and return their number."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional dependency
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "Parquet export requires pyarrow", advice="pip install 'partnergate[export]'"
        ) from error
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
