"""Whole files of a partner as programs write them, compared with six tasks of the host."""

from __future__ import annotations

import pytest
from test_reconciliation_times import side

from partnergate.errors import UsageError
from partnergate.statements.reconciliation.partner_csv import csv_rows

TITLED = """Acme Usage Export;;;
Period: October 2026;;;
Vorgang;Zeit;Menge;Betrag
T-0;05.10.2026 10:15:30;1.000;1250,0
T-1;06.10.2026 11:15:30;2500,5;3125,625
T-2;07.10.2026 12:15:30;3;3,75
T-3;08.10.2026 13:15:30;1200;1500,0
T-4;09.10.2026 14:15:30;42;52,5
T-5;10.10.2026 15:15:30;1;1,25
;;Summe;5933,13
"""
SCIENTIFIC = "id,quantity\nT-0,1.00E+03\nT-1,2.5005E3\nT-2,3E0\nT-3,1200\nT-4,4.2e+01\nT-5,1\n"
STATED = "sep=;\nid;quantity\nT-0;1000\nT-1;2500.5\nT-2;3\nT-3;1200\nT-4;42\nT-5;1\n"
BOOKED = "id,quantity,amount\nT-0,1000,1250\nT-3,1200,1500\nT-4,(42),(52.50)\nT-5,1-,1.25-\n"
DOLLARS = "id,quantity,amount\nT-0,1000,USD 1250\nT-3,1200,$1500\nT-4,42,€52.50\nT-5,1,1.25 EUR\n"


def compared(content: bytes) -> dict[str, int]:
    host = side()
    head, rows = csv_rows(content)
    result = host.reconcile(rows, host.guess(head, rows))
    return {c.cause.value: c.count for c in result.counts}


@pytest.mark.parametrize("text", [TITLED, SCIENTIFIC, STATED])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_of_the_hosts_numbers_agrees_in_every_form(text: str, encoding: str) -> None:
    assert compared(text.encode(encoding)) == {"agreed": 6}


def test_a_negative_quantity_differs_from_the_positive_one() -> None:
    assert compared(BOOKED.encode()) == {"agreed": 2, "quantity": 2, "missing_at_partner": 2}


def test_an_amount_in_another_currency_never_agrees() -> None:
    assert compared(DOLLARS.encode()) == {"agreed": 2, "unreadable": 2, "missing_at_partner": 4}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"id,quantity,amount,currency\nT-0,1000,1250,USD\n", 'line 2, column "currency"'),
        (b"id,quantity\nT-0,4 tasks\n", 'line 2, column "quantity"'),
        (b"id,quantity\nTotal,1000\n", "only totals"),
    ],
)
def test_a_file_of_which_nothing_can_be_compared_is_refused(content: bytes, why: str) -> None:
    host = side()
    head, rows = csv_rows(content)
    mapping = host.guess(head, rows)
    with pytest.raises(UsageError, match="no row of the partner's file can be read") as refused:
        host.reconcile(rows, mapping)
    assert why in (refused.value.advice or "")


def test_a_column_of_order_numbers_is_no_quantity() -> None:
    content = b"id,order number\nT-0,A-17\nT-3,B-18\n"
    assert side().guess(*csv_rows(content)).quantity == ""
