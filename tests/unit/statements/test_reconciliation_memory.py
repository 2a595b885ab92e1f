"""Reconciliation of large files: bounded memory, bounded rows, and the same rows at each pass."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from partnergate.errors import UsageError
from partnergate.rendering.statement.reconciliation import (
    COLUMNS,
    reconciliation_csv,
    reconciliation_json,
    reconciliation_view,
)
from partnergate.safe_text import json_text
from partnergate.statements.reconciliation import partner_csv
from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.mapping import ColumnMapping
from partnergate.statements.reconciliation.partner_csv import csv_rows, partner_records
from partnergate.statements.reconciliation.records import Cause, Frame, HostRecord

START = datetime(2026, 10, 1, tzinfo=UTC)
END = START + timedelta(days=31)
FRAME = Frame(
    start=START,
    end=END,
    partner_start=START,
    partner_end=END,
    unit=Decimal("0.01"),
    unit_price=Decimal("0.25"),
)
MAPPING = ColumnMapping(time="time", user="user", id="id", quantity="quantity", amount="amount")
BYTES_A_ROW = 500
"""Measured: 300 with all rows as records; 1,270 when each row was also a mapping."""


def large_file(rows: int) -> bytes:
    def line(n: int) -> str:
        at = (START + timedelta(seconds=2 * n)).isoformat()
        return f"event-{n:08d},{at},user-{n % 500}@acme.example,{n % 7 + 1},{(n % 7 + 1) * 0.25:.2f}"

    return "\n".join(["id,time,user,quantity,amount", *map(line, range(rows))]).encode()


def test_memory_grows_by_a_few_hundred_bytes_for_each_row() -> None:
    content = large_file(20_000)
    host = tuple(
        HostRecord(id=f"event-{n:08d}", time=START, user="u", quantity=Decimal(1))
        for n in range(0, 20_000, 10)
    )
    keys: dict[str, str] = {}
    tracemalloc.start()
    try:
        _, rows = csv_rows(content)
        records = partner_records(rows, MAPPING, key_of=lambda name: keys.setdefault(name, f"key of {name}"))
        result = reconcile(records, host, FRAME)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(result.findings) == 20_000
    assert {c.cause for c in result.counts} >= {Cause.MISSING_AT_HOST}
    assert peak / 20_000 < BYTES_A_ROW


def test_a_file_with_too_many_rows_is_refused_with_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr(partner_csv, "MOST_ROWS", 100)
    _, rows = csv_rows(large_file(100))
    assert len(rows) == 100
    _, rows = csv_rows(large_file(101))
    with pytest.raises(UsageError, match="more than 100 rows") as caught:
        list(rows)
    assert "split it by days" in caught.value.advice


def test_each_pass_reads_the_same_rows() -> None:
    _, rows = csv_rows("a;b\r\n1;ü\r\n\r\n2;x".encode("cp1252"))
    assert list(rows) == list(rows) == [{"a": "1", "b": "ü"}, {}, {"a": "2", "b": "x"}]
    assert rows[:1] == ({"a": "1", "b": "ü"},)
    assert rows


def test_a_row_that_is_not_csv_is_named_by_its_line() -> None:
    _, rows = csv_rows(b"a,b\n1,2\n3," + b"x" * 200_000)
    with pytest.raises(UsageError, match="not CSV: line 3"):
        list(rows)


def _result(rows: int):
    _, found = csv_rows(large_file(rows))
    host = tuple(HostRecord(id=f"event-{n:08d}", time=START, user="u") for n in range(0, rows, 10))
    return reconcile(partner_records(found, MAPPING, key_of=lambda name: name), host, FRAME)


@pytest.mark.parametrize("rows", [1, 25])
def test_the_json_in_parts_is_the_json_of_the_whole(rows: int) -> None:
    result = _result(rows)
    view = reconciliation_view(result, title="t", currency="USD", mapping=())
    text = "".join(reconciliation_json(result, view))
    assert text == json_text(json.loads(text)) + "\n"
    assert len(json.loads(text)["findings"]) == len(result.findings)


def test_the_csv_in_parts_has_every_row_once() -> None:
    result = _result(2_500)
    rows = list(csv.reader(io.StringIO("".join(reconciliation_csv(result)), newline="")))
    assert len(rows) == 1 + len(result.findings)
    assert {len(row) for row in rows} == {len(COLUMNS)}


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_writing_a_result_takes_no_memory_for_each_row(kind: str) -> None:
    result = _result(20_000)
    view = reconciliation_view(result, title="t", currency="USD", mapping=())
    tracemalloc.start()
    try:
        for _part in reconciliation_csv(result) if kind == "csv" else reconciliation_json(result, view):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000
