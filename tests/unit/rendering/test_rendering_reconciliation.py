"""The page of a reconciliation: numbers agree with their nouns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from partnergate.rendering.statement.reconciliation import reconciliation_page, reconciliation_view
from partnergate.statements.reconciliation.records import Cause, ClassifiedRecord, HostRecord, Reconciliation


def page(differences: int, *, partner: int = 0, host: int = 1) -> str:
    record = HostRecord(id="e1", time=datetime(2026, 11, 1, tzinfo=UTC), user="ada")
    cause = next(cause for cause in Cause if cause is not Cause.AGREED)
    finding = ClassifiedRecord(
        cause=cause, partner=None, host=record, quantity=Decimal(-1), amount=Decimal(-2)
    )
    result = Reconciliation(
        findings=(finding,) * differences,
        counts=(),
        partner_records=partner,
        host_records=host,
        partner_total=Decimal(0),
        host_total=Decimal(2),
    )
    return reconciliation_page(reconciliation_view(result, title="November", currency="EUR", mapping=()))


@pytest.mark.parametrize(
    ("number", "text"), [(0, ">0 records<"), (1, ">1 record<"), (12345, ">12,345 records<")]
)
def test_the_records_of_a_side_are_counted(number, text):
    assert text in page(1, partner=number, host=2)
    assert text in page(1, partner=2, host=number)


def test_the_differences_that_a_page_leaves_out_are_counted(monkeypatch):
    monkeypatch.setattr("partnergate.rendering.statement.reconciliation._MOST_ROWS", 2)
    assert "The CSV and JSON of this result list" not in page(2)
    assert "The CSV and JSON of this result list 1 more difference." in page(3)
    assert "The CSV and JSON of this result list 2 more differences." in page(4)
