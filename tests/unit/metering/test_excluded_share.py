"""The share of excluded records: exact, and a small one is never shown as zero."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from partnergate.metering.excluded_share import excluded_share, share_of_quantities, share_text
from partnergate.metering.usage import Quantity
from partnergate.model.partner import PartnerId
from partnergate.service.api.usage_report import UsageReport, report_json

START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def quantity(*excluded: tuple[str, int]) -> Quantity:
    return Quantity(meter="Tasks", start=START, end=END, value=Decimal(0), excluded=excluded)


@pytest.mark.parametrize(
    ("excluded", "billable", "text"),
    [(0, 0, ""), (0, 7, "0 %"), (1, 1, "50 %"), (7, 0, "100 %"), (1, 39, "2.5 %"), (1, 5000, "under 0.1 %")],
)
def test_the_share_as_text(excluded: int, billable: int, text: str) -> None:
    assert share_text(excluded_share(excluded, billable)) == text


def test_every_reason_of_every_quantity_counts() -> None:
    assert share_of_quantities([quantity(("test_user", 3), ("staging", 1)), quantity()]) == 100
    assert share_of_quantities([quantity()]) is None


def test_the_report_has_the_share_in_percent() -> None:
    def percent(*found: Quantity) -> str | None:
        report = UsageReport(
            partner=PartnerId("acme"),
            first_day=date(2026, 10, 1),
            end_day=date(2026, 11, 1),
            start=START,
            end=END,
            time_zone="UTC",
            quantities=found,
        )
        return report_json(report)["excluded_percent"]

    assert percent(quantity(("test_user", 3))) == "100"
    assert percent(quantity()) is None
