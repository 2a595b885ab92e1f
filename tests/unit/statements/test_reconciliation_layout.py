"""Forms in which programs write CSV: every encoding, a stated separator, titles above and totals below."""

from __future__ import annotations

import codecs

import pytest

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.mapping import ColumnMapping, guessed
from partnergate.statements.reconciliation.partner_csv import csv_rows, partner_records

TABLE = "id;quantity;Größe\nT-0;1000;1\nT-1;2500.5;2\nT-2;3;3\n"
WANTED = [("T-0", "1000"), ("T-1", "2500.5"), ("T-2", "3")]


def records_of(content: bytes):
    head, rows = csv_rows(content)
    mapping = guessed(head, rows, zones=("UTC",), score=lambda _m: 0)
    return partner_records(rows, mapping, key_of=lambda user: user)


def pairs(content: bytes) -> list[tuple[str, str]]:
    found = records_of(content)
    assert not any(r.trouble for r in found)
    return [(r.id, str(r.quantity)) for r in found]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-8"),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("cp1252"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        TABLE.replace("\n", "\r\n").encode("utf-16"),
        TABLE.replace("\n", "\r").encode(),
    ],
)
def test_every_encoding_is_read(content: bytes) -> None:
    assert csv_rows(content)[0] == ("id", "quantity", "Größe")
    assert pairs(content) == WANTED


@pytest.mark.parametrize("start", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "sep=;;;\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_line_that_states_the_separator_is_no_row(start: str, encoding: str) -> None:
    content = (start + TABLE).encode(encoding)
    assert pairs(content) == WANTED
    assert [r.row for r in records_of(content)] == [3, 4, 5]


def test_a_stated_separator_of_any_kind_is_obeyed() -> None:
    assert pairs(b"sep=^\nid^quantity\nT-0^1000\n") == WANTED[:1]


@pytest.mark.parametrize(
    "titles",
    [
        "Acme Usage Export;;\nPeriod: October 2026;;\n",
        "Acme Usage Export\n\nPeriod: October 2026\n\n",
        "Period;October 2026;\nCustomer;Acme;\n",
        "Export, made for you, by Acme\n",
    ],
)
def test_titles_above_the_header_are_passed_over(titles: str) -> None:
    assert pairs((titles + TABLE).encode()) == WANTED
    assert records_of((titles + TABLE).encode())[0].row == titles.count("\n") + 2


@pytest.mark.parametrize(
    "total",
    [";Summe;", "Total;3503.5;6", "Grand total:;3503.5;", "\n;;\nSubtotal;1;\nTotal;3503.5;", ";TOTAL;6"],
)
def test_totals_at_the_end_are_no_records(total: str) -> None:
    assert pairs((TABLE + total + "\n").encode()) == WANTED


def test_a_record_of_a_user_called_total_counts_and_so_does_one_between_others() -> None:
    found = records_of(b"user,time,quantity\nTotal,2026-10-05T08:15:30Z,5\nann,2026-10-05T08:15:31Z,1\n")
    assert [r.user for r in found] == ["Total", "ann"]
    found = records_of(b"user,time,quantity\nann,2026-10-05T08:15:31Z,1\nTotal,2026-10-05T08:15:30Z,5\n")
    assert [r.user for r in found] == ["ann", "Total"]


def test_decimal_commas_do_not_make_a_separator() -> None:
    assert csv_rows(b"id;quantity\nT-1;2,5\nT-2;3,5\n")[0] == ("id", "quantity")


@pytest.mark.parametrize("content", [b"id,quantity\n", b"id,quantity\n\n , \n", b"sep=;\nid;quantity\n"])
def test_a_header_without_records_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(UsageError, match="has a header and no records") as refused:
        csv_rows(content)
    assert "id, quantity" in (refused.value.advice or "")


def test_columns_without_a_name_are_no_repeated_names() -> None:
    assert pairs(b"id;quantity;;\nT-0;1000;;\n") == WANTED[:1]


def test_a_file_of_totals_has_no_records() -> None:
    _, rows = csv_rows(b"id,quantity\nTotal,5\n")
    assert partner_records(rows, ColumnMapping(id="id", quantity="quantity"), key_of=lambda u: u) == ()


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_refused_with_what_to_do(start: bytes) -> None:
    with pytest.raises(UsageError, match="is a workbook") as refused:
        csv_rows(start + bytes(100))
    assert "save the sheet" in (refused.value.advice or "")


def test_a_text_that_is_cut_or_invalid_after_its_mark_is_still_read() -> None:
    assert csv_rows(TABLE.encode("utf-16") + b"x")[0] == ("id", "quantity", "Größe")
    assert len(list(csv_rows(TABLE.encode("utf-8-sig") + b"T-3;\xff;1\n")[1])) == 4
