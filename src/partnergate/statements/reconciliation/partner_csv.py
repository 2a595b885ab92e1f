"""Reads the rows of a partner's CSV as records, by a mapping."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.layout import encoding_of, first_lines, is_total, layout_of
from partnergate.statements.reconciliation.records import PartnerRecord
from partnergate.statements.reconciliation.times import end_of_day, read_time
from partnergate.statements.reconciliation.written_numbers import (
    NotNumber,
    currency_of_head,
    number_of_text,
    states_currency,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from partnergate.statements.reconciliation.mapping import ColumnMapping

ONE = Decimal(1)
MOST_ROWS: Final = 2_000_000
"""A file with more rows is refused."""
_SHARED: Final = 10_000
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How ``.xlsx`` and ``.ods``, and ``.xls``, begin."""
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The rows of a CSV, read again at each pass: a large file is never in memory as rows.

    Each row is a mapping of column names to texts; a blank row is an empty mapping. A slice of the first
    rows is a tuple.
    """

    head: tuple[str, ...]
    content: bytes
    encoding: str
    separator: str
    head_line: int = 1

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Raise ``UsageError`` with the row that is not CSV, or that is one too many."""
        return (row for _, row in self.numbered())

    def numbered(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row with the line of the file in which it begins; raise as iterating does."""
        reader = _reader(self.content, self.encoding, self.separator)
        try:
            while reader.line_num < self.head_line and next(reader, None) is not None:
                pass
            line = reader.line_num + 1
            for number, row in enumerate(reader, start=1):
                if number > MOST_ROWS:
                    raise UsageError(
                        f"the partner's file has more than {MOST_ROWS:,} rows",
                        advice="split it by days; the rows of a file are compared in memory",
                    )
                yield line, dict(zip(self.head, row, strict=False)) if any(c.strip() for c in row) else {}
                line = reader.line_num + 1
        except csv.Error as error:
            raise _not_csv(reader.line_num) from error

    def __getitem__(self, first: slice) -> tuple[dict[str, str], ...]:
        return tuple(islice(self, first.stop))

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    def __len__(self) -> int:
        return sum(1 for _ in self)


def csv_rows(content: bytes) -> tuple[tuple[str, ...], CsvRows]:
    """Return the head and rows of a CSV with any separator and encoding, below any title rows.

    Raises ``UsageError`` for a workbook, an empty file, one without rows, and two columns of the same name.
    """
    if content.startswith(_WORKBOOKS):
        raise UsageError(
            "the partner's file is a workbook of a spreadsheet program, not CSV",
            advice="open it there and save the sheet with the records as CSV",
        )
    encoding = encoding_of(content)
    try:
        layout = layout_of(first_lines(content, encoding))
    except csv.Error as error:
        raise _not_csv(1) from error
    if layout is None:
        raise UsageError("the partner's file is empty")
    named = [name for name in layout.head if name]
    if len(set(named)) != len(named):
        raise UsageError(
            "two columns of the partner's file have the same name",
            advice=f"the header is line {layout.line}: {', '.join(named)}",
        )
    rows = CsvRows(layout.head, content, encoding, layout.separator, layout.line)
    if not any(rows):
        raise UsageError(
            "the partner's file has a header and no records",
            advice=f"the header is line {layout.line}: {', '.join(named)}",
        )
    return layout.head, rows


def partner_records(
    rows: Iterable[Mapping[str, str]],
    mapping: ColumnMapping,
    *,
    key_of: Callable[[str], str | None],
    currency: str = "",
) -> tuple[PartnerRecord, ...]:
    """Return every row as a record, without total rows at the end.

    ``key_of`` maps a partner-side user to the host's subject key.
    ``currency`` is the one of the statement; a row with an amount in another is not readable. Raises
    ``UsageError`` if a column name states another.
    """
    _require_currency(mapping, currency)
    numbers: dict[Decimal, Decimal] = {}

    def shared(number: Decimal) -> Decimal:
        """One object for equal numbers: most rows of a file have the same few."""
        return numbers.setdefault(number, number) if len(numbers) < _SHARED else number

    records: list[PartnerRecord] = []
    totals = 0
    for line, row in _numbered(rows):
        if row:
            totals = totals + 1 if _is_total(row, mapping) else 0
            records.append(_record(line, row, mapping, key_of, shared, currency=currency))
    return tuple(records[: len(records) - totals])


def _is_total(row: Mapping[str, str], mapping: ColumnMapping) -> bool:
    """Whether the row has the word for a total and names neither a record nor a time."""
    names = (mapping.id, mapping.user, mapping.session, mapping.time)
    given = [cell for name in names if name and (cell := row.get(name, "").strip())]
    return all(map(is_total, given)) and any(map(is_total, row.values()))


def _numbered(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    return rows.numbered() if isinstance(rows, CsvRows) else enumerate(rows, start=2)


def _require_currency(mapping: ColumnMapping, currency: str) -> None:
    for column in (mapping.amount, mapping.quantity):
        stated = currency_of_head(column)
        if currency and stated and stated != currency:
            raise UsageError(
                f'column "{column}" is in {stated}, but the statement is in {currency}',
                advice="convert the amounts, or leave this column out with a mapping file",
            )


def _record(
    line: int,
    row: Mapping[str, str],
    mapping: ColumnMapping,
    key_of: Callable[[str], str | None],
    shared: Callable[[Decimal], Decimal],
    *,
    currency: str,
) -> PartnerRecord:
    def cell(column: str) -> str:
        return row.get(column, "").strip() if column else ""

    troubles: list[str] = []

    def number(column: str) -> Decimal | None:
        found = number_of_text(cell(column), decimal_comma=mapping.decimal_comma, currency=currency)
        if isinstance(found, NotNumber):
            troubles.append(f'line {line}, column "{column}": {found.reason}')
            return None
        return shared(found)

    time_text, user_text, session = cell(mapping.time), cell(mapping.user), cell(mapping.session)
    time = read_time(time_text, mapping.time_format, mapping.zone) if time_text else None
    days = "%H" not in mapping.time_format and "epoch" not in mapping.time_format
    key = key_of(user_text) if user_text else None
    if mapping.time and time is None:
        troubles.append(f'line {line}, column "{mapping.time}": {_not_time(time_text)}')
    if not (user_text or session or cell(mapping.id)):
        troubles.append(f"line {line}: no record, user or session is named")
    quantity = number(mapping.quantity) if mapping.quantity else ONE
    amount = number(mapping.amount) if cell(mapping.amount) else None
    if currency and cell(mapping.currency) and currency not in states_currency(cell(mapping.currency)):
        troubles.append(
            f'line {line}, column "{mapping.currency}": "{cell(mapping.currency)[:_SHOWN]}" is not the '
            f"currency of the statement, {currency}"
        )
    return PartnerRecord(
        row=line,
        id=cell(mapping.id),
        time=time,
        until=end_of_day(time_text, mapping.time_format, mapping.zone) if time and days else None,
        user=key or session or user_text,
        quantity=Decimal(0) if quantity is None else quantity,
        amount=amount,
        trouble="; ".join(troubles),
        known=key is not None or not user_text,
    )


def _not_time(text: str) -> str:
    return f'"{text[:_SHOWN]}" is not a time' if text else "there is no time"


def _reader(content: bytes, encoding: str, separator: str) -> Any:
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
    return csv.reader(text, delimiter=separator)


def _not_csv(line: int) -> UsageError:
    return UsageError(f"the partner's file is not CSV: line {line}")
