"""Reading a partner's file with unknown columns and an unknown time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.mapping import (
    ColumnMapping,
    guessed,
    mapping_json,
    mapping_of,
    require_names,
)
from partnergate.statements.reconciliation.partner_csv import csv_rows, partner_records
from partnergate.statements.reconciliation.times import read_time, time_format
from partnergate.statements.reconciliation.written_numbers import read_number

NINE = datetime(2026, 10, 2, 9, 0, 7, tzinfo=UTC)
CASES = {
    "iso with an offset": "Event Id,Timestamp,User ID,Units\ne1,2026-10-02T11:00:07+02:00,ann,3\ne2,2026-10-02T12:00:07+02:00,bob,4\n",
    "german with semicolons and commas": "Vorgang;Zeit;Benutzer;Anzahl;Betrag\nx;02.10.2026 11:00:07;ann;1.003,5;0,12\ny;02.10.2026 11:30:07;ann;2,0;0,24\n",
    "american clock": "login,date\nann,10/02/2026 05:00:07 AM\nbob,10/13/2026 06:00:07 PM\n",
    "epoch milliseconds": "at_ms|session_id\n1790931607000|s1\n1790931608000|s2\n",
}


def read(text: str, zone: str) -> tuple[ColumnMapping, tuple]:
    head, rows = csv_rows(text.encode())

    def score(mapping: ColumnMapping) -> int:
        return sum(p.time == NINE for p in partner_records(rows, mapping, key_of=lambda u: u))

    mapping = guessed(head, rows, zones=("UTC", "Europe/Berlin", "America/New_York"), score=score)
    assert mapping.zone == zone
    return mapping, partner_records(rows, mapping, key_of=lambda u: u)


@pytest.mark.parametrize(
    ("case", "zone"),
    [
        ("iso with an offset", "UTC"),
        ("german with semicolons and commas", "Europe/Berlin"),
        ("american clock", "America/New_York"),
        ("epoch milliseconds", "UTC"),
    ],
)
def test_columns_format_and_zone_are_guessed_from_names_and_content(case: str, zone: str) -> None:
    _, records = read(CASES[case], zone)
    assert records[0].time == NINE
    assert records[0].user in ("ann", "s1")
    assert not any(r.trouble for r in records)


def test_decimal_commas_are_read_as_such() -> None:
    _, records = read(CASES["german with semicolons and commas"], "Europe/Berlin")
    assert (records[0].quantity, records[0].amount) == (Decimal("1003.5"), Decimal("0.12"))


def test_a_mapping_is_stored_and_loaded_again() -> None:
    mapping, _ = read(CASES["iso with an offset"], "UTC")
    head, _ = csv_rows(CASES["iso with an offset"].encode())
    assert mapping_of(mapping_json(mapping), head) == mapping


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"color": "x"}',
        '{"time": "No such"}',
        '{"zone": "Mars/Olympus"}',
        '{"zone": ["UTC"]}',
        '{"time": 5}',
        '{"decimal_comma": "yes"}',
        '{"time_format": null}',
    ],
)
def test_a_mapping_file_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        mapping_of(text, ("a", "b"))


def test_an_unreadable_row_is_reported_as_unreadable() -> None:
    head, rows = csv_rows(
        b"time,user,quantity\nyesterday,ann,1\n2026-10-02T09:00:07Z,,1\n2026-10-02T09:00:07Z,ann,many\n"
    )
    mapping = ColumnMapping(time="time", user="user", quantity="quantity")
    assert head == ("time", "user", "quantity")
    assert all(r.trouble for r in partner_records(rows, mapping, key_of=lambda u: u))


def test_a_row_has_its_number_in_the_file_also_after_blank_ones() -> None:
    _, rows = csv_rows(b"time,user\n\n2026-10-02T09:00:07Z,ann\n , \n2026-10-02T10:00:07Z,bob\n")
    records = partner_records(rows, ColumnMapping(time="time", user="user"), key_of=lambda name: name)
    assert [(r.row, r.user) for r in records] == [(3, "ann"), (5, "bob")]


def test_a_user_whom_the_host_never_saw_is_not_known() -> None:
    _, rows = csv_rows(b"time,user\n2026-10-02T09:00:07Z,ghost\n")
    (record,) = partner_records(rows, ColumnMapping(time="time", user="user"), key_of=lambda _: None)
    assert not record.known


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,a\n1,2\n"])
def test_a_file_without_columns_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        csv_rows(content)


def test_times_and_numbers_of_nonsense_are_none() -> None:
    assert read_time("99999999999999999", "epoch", "UTC") is None
    assert read_time("soon", "iso", "UTC") is None
    assert read_number("NaN", decimal_comma=False) is None
    assert read_number("$1,234.50", decimal_comma=False) == Decimal("1234.50")
    assert time_format([]) == "iso"


def test_a_column_that_holds_what_the_host_knows_is_that_one_whatever_it_is_called() -> None:
    head, rows = csv_rows(b"Job no.;Who;Id\nt1;ann;1\nt2;bob;2\nt9;eve;3\n")
    host = {("id", "t1"), ("id", "t2"), ("user", "ann")}
    mapping = guessed(head, rows, zones=("UTC",), score=lambda _m: 0, known=lambda *one: one in host)
    assert (mapping.id, mapping.user, mapping.session) == ("Job no.", "Who", "")


def test_a_chance_meeting_does_not_make_a_column() -> None:
    head, rows = csv_rows(b"Event Id;Note\n" + b"".join(f"e{n};n{n}\n".encode() for n in range(20)))
    mapping = guessed(head, rows, zones=("UTC",), score=lambda _m: 0, known=lambda *one: one == ("id", "n3"))
    assert mapping.id == "Event Id"


def test_a_file_without_a_user_column_is_rejected_with_its_columns() -> None:
    head, _ = csv_rows(b"Menge,Preis\n1,2\n")
    with pytest.raises(UsageError, match="no column identifies") as refused:
        require_names(ColumnMapping(quantity="Menge"), head)
    assert "columns: Menge, Preis" in (refused.value.advice or "")
    require_names(ColumnMapping(session="Menge"), head)


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ("noon,ann,1,2", 'line 2, column "at": "noon" is not a time'),
        ("2026-10-02T09:00:07Z,,1,2", "line 2: no record, user or session is named"),
        ("2026-10-02T09:00:07Z,ann,many,2", 'line 2, column "n": "many" is not a number'),
        ("2026-10-02T09:00:07Z,ann,1,free", 'line 2, column "cost": "free" is not a number'),
        (
            "noon,,1,2",
            'line 2, column "at": "noon" is not a time; line 2: no record, user or session is named',
        ),
        ("2026-10-02T09:00:07Z,ann,1,", ""),
    ],
)
def test_an_unreadable_row_has_a_reason(row: str, trouble: str) -> None:
    _, rows = csv_rows(f"at,who,n,cost\n{row}\n".encode())
    mapping = ColumnMapping(time="at", user="who", quantity="n", amount="cost")
    (record,) = partner_records(rows, mapping, key_of=lambda u: u)
    assert record.trouble == trouble
