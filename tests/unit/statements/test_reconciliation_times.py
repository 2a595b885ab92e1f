"""Dates of a partner's file: the host decides the order of day and month, and days are paired as days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from builders.agreements import agreement
from builders.partners import billed_partner
from builders.usage import usage
from fakes.statement_facts import MemoryFacts
from partnergate.errors import UsageError
from partnergate.model.agreement import Charge, UsageMeter
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.statements.account import Account, next_period
from partnergate.statements.draft import draft
from partnergate.statements.reconciliation.host_side import HostSide, host_side
from partnergate.statements.reconciliation.partner_csv import csv_rows
from partnergate.statements.reconciliation.records import HostRecord
from partnergate.statements.reconciliation.times import (
    DAY_FIRST,
    MONTH_FIRST,
    end_of_day,
    read_time,
    time_format,
)

QUANTITIES = ("1000", "2500.5", "3", "1200", "42", "1")
FIRST = datetime(2026, 10, 5, 8, 15, 30, tzinfo=UTC)
TIMES = tuple(FIRST + n * timedelta(days=1, hours=1) for n in range(6))
PRICE = Decimal("1.25")


@dataclass(frozen=True)
class Host:
    """Six tasks of six users."""

    times: tuple[datetime, ...] = TIMES

    def key_of(self, aliases, subject: str) -> str | None:
        return f"key of {subject}" if subject.startswith("user") else None

    def of_charge(self, request, aliases) -> tuple[HostRecord, ...]:
        return tuple(
            HostRecord(
                id=f"T-{n}",
                time=at,
                user=f"key of user{n}",
                quantity=Decimal(quantity),
                amount=Decimal(quantity) * PRICE,
            )
            for n, (at, quantity) in enumerate(zip(self.times, QUANTITIES, strict=True))
        )


def side(times: tuple[datetime, ...] = TIMES) -> HostSide:
    meter = UsageMeter(event="task.run", aggregate="sum", of="quantity")
    charge = Charge(name="Tasks", meter=meter, price=PerUnit(unit=PRICE))
    terms = agreement(
        charges=(charge,), minimum=None, revenue_share=None, currency="EUR", time_zone="Europe/Berlin"
    )
    account = Account(partner=billed_partner(terms))
    facts = MemoryFacts(
        until=datetime(2026, 11, 3, tzinfo=UTC),
        usage=[usage(f"T-{n}", at=at, quantity=Decimal(QUANTITIES[n])) for n, at in enumerate(times)],
    )
    statement = draft(facts, account, next_period(account), now=datetime(2026, 11, 3, tzinfo=UTC)).statement
    return host_side(Host(times), account, statement, None)


def csv_of(dates: list[str]) -> bytes:
    rows = [f"user{n};{at};{QUANTITIES[n]}" for n, at in enumerate(dates)]
    return "\n".join(["user;time;quantity", *rows, ""]).encode()


def causes(content: bytes, order: str = "", times: tuple[datetime, ...] = TIMES) -> dict[str, int]:
    host = side(times)
    head, rows = csv_rows(content)
    result = host.reconcile(rows, host.guess(head, rows, order=order))
    return {c.cause.value: c.count for c in result.counts}


@pytest.mark.parametrize(
    "how",
    [
        "%d/%m/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M:%S",
        "%d-%m-%Y %H:%M:%S",
        "%m-%d-%Y %H:%M:%S",
        "%d/%m/%y %H:%M:%S",
        "%m/%d/%Y %I:%M:%S %p",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%Y-%m-%d",
        "%d/%m/%Y 00:00",
        "%m/%d/%Y 00:00:00",
        "%Y-%m-%d 00:00:00",
        "%Y-%m-%dT00:00:00",
        "%d.%m.%Y 00:00:00",
    ],
)
def test_the_hosts_records_decide_the_order_and_days_are_paired_by_user(how: str) -> None:
    assert causes(csv_of([at.strftime(how) for at in TIMES])) == {"agreed": 6}


def test_the_order_is_decided_also_in_a_zone_that_is_not_tried() -> None:
    shifted = [(at + timedelta(hours=5, minutes=45)).strftime("%d/%m/%Y %H:%M:%S") for at in TIMES]
    assert causes(csv_of(shifted)) == {"time_zone": 6}


def test_an_order_that_nothing_decides_is_refused_with_the_option() -> None:
    strangers = csv_of([at.strftime("%d/%m/%Y %H:%M:%S") for at in TIMES]).replace(b"user", b"other")
    strangers = strangers.replace(b"other;", b"user;", 1)
    with pytest.raises(UsageError, match='order of day and month in column "time"') as refused:
        causes(strangers)
    assert "--date-order day-first or month-first" in (refused.value.advice or "")
    assert causes(strangers, DAY_FIRST) == {"unknown_user": 6, "missing_at_partner": 6}


def test_a_stated_order_is_obeyed() -> None:
    content = csv_of([at.strftime("%d/%m/%Y %H:%M:%S") for at in TIMES])
    assert causes(content, DAY_FIRST) == {"agreed": 6}
    assert causes(content, MONTH_FIRST) == {
        "agreed": 1, "missing_at_host": 5, "missing_at_partner": 5,
    }  # fmt: skip


def test_serial_dates_of_spreadsheets_are_read() -> None:
    start = datetime(1899, 12, 30, tzinfo=UTC)
    serials = [(at - start) / timedelta(days=1) for at in TIMES]
    assert causes(csv_of([f"{s:.8f}" for s in serials])) == {"agreed": 6}
    assert causes(csv_of([f"{s:.8f}".replace(".", ",") for s in serials])) == {"agreed": 6}
    assert causes(csv_of([str(int(s)) for s in serials])) == {"agreed": 6}


def test_a_column_of_numbers_is_not_taken_for_serial_dates() -> None:
    content = b"user;volume\n" + b"".join(b"user%d;46300\n" % n for n in range(6))
    assert side().guess(*csv_rows(content)).time == ""


def test_two_records_of_a_user_on_one_day_are_two_and_paired_with_the_same_quantity() -> None:
    rows = ("user0;2026-10-05;7", "user0;2026-10-05;1000", "user0;2026-10-05;7", "user1;2026-10-06;2500.5")
    day = "\n".join(["user;time;quantity", *rows]).encode()
    assert causes(day)["missing_at_host"] == 2


def test_a_day_is_one_of_the_zone_of_the_mapping() -> None:
    assert read_time("2026-10-25", "iso", "Europe/Berlin") == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert end_of_day("2026-10-25", "iso", "Europe/Berlin") == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert end_of_day("2026-10-25T00:00:00", "iso", "Europe/Berlin") is None
    assert time_format(["2026-10-05", "2026-10-06"]) == "iso"
