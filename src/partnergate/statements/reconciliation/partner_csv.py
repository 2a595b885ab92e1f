"""Reads the rows of a partner's CSV as records, by a mapping."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.mapping import read_number, read_time
from partnergate.statements.reconciliation.records import PartnerRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from partnergate.statements.reconciliation.mapping import ColumnMapping

ONE = Decimal(1)


def csv_rows(content: bytes) -> tuple[tuple[str, ...], tuple[dict[str, str], ...]]:
    """Return the head and rows of a CSV with any separator and encoding. A blank row is an empty mapping."""
    text = _text(content)
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        head = tuple(name.strip() for name in next(reader, []))
        if not any(head):
            raise UsageError("the partner's file is empty")
        if len(set(head)) != len(head):
            raise UsageError("two columns of the partner's file have the same name")
        rows = tuple(
            dict(zip(head, row, strict=False)) if any(c.strip() for c in row) else {} for row in reader
        )
    except csv.Error as error:
        raise UsageError("the partner's file is not CSV") from error
    return head, rows


def partner_records(
    rows: Sequence[Mapping[str, str]], mapping: ColumnMapping, *, key_of: Callable[[str], str | None]
) -> tuple[PartnerRecord, ...]:
    """Return every row as a record. ``key_of`` maps a partner-side user to the host's subject key."""
    return tuple(_record(n, row, mapping, key_of) for n, row in enumerate(rows, start=2) if row)


def _record(
    number: int, row: Mapping[str, str], mapping: ColumnMapping, key_of: Callable[[str], str | None]
) -> PartnerRecord:
    def cell(column: str) -> str:
        return row.get(column, "").strip() if column else ""

    time_text, user_text, session = cell(mapping.time), cell(mapping.user), cell(mapping.session)
    time = read_time(time_text, mapping.time_format, mapping.zone) if time_text else None
    key = key_of(user_text) if user_text else None
    quantity = ONE
    amount = None
    troubles = []
    if mapping.time and time is None:
        troubles.append("no time that can be read")
    if not (user_text or session or cell(mapping.id)):
        troubles.append("names no record, user or session")
    if mapping.quantity:
        found = read_number(cell(mapping.quantity), decimal_comma=mapping.decimal_comma)
        quantity = found or Decimal(0)
        troubles += ["no quantity that can be read"] * (found is None)
    if mapping.amount and cell(mapping.amount):
        amount = read_number(cell(mapping.amount), decimal_comma=mapping.decimal_comma)
        troubles += ["no amount that can be read"] * (amount is None)
    return PartnerRecord(
        row=number,
        id=cell(mapping.id),
        time=time,
        user=key or session or user_text,
        quantity=quantity,
        amount=amount,
        trouble="; ".join(troubles),
        known=key is not None or not user_text,
    )


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")
