"""Planted causes on random data are found exactly, and the counts cover every record of both sides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.records import (
    Cause,
    Frame,
    HostRecord,
    HostStatus,
    PartnerRecord,
)

START = datetime(2026, 10, 1, 4, tzinfo=UTC)
END = datetime(2026, 11, 1, 4, tzinfo=UTC)
PRICE = Decimal("0.37")
FRAME = Frame(
    start=START,
    end=END,
    partner_start=datetime(2026, 10, 1, tzinfo=UTC),
    partner_end=datetime(2026, 11, 1, tzinfo=UTC),
    unit=Decimal("0.01"),
    unit_price=PRICE,
)
STATUSES = {
    Cause.FAILED_LOGIN: HostStatus.FAILED,
    Cause.REPEATED_LOGIN: HostStatus.REPEATED,
    Cause.TEST_USER: HostStatus.TEST_USER,
    Cause.SUSPENDED: HostStatus.SUSPENDED,
    Cause.LATE: HostStatus.LATE,
    Cause.NOT_COUNTED: HostStatus.NOT_COUNTED,
    Cause.UNKNOWN_USER: HostStatus.UNKNOWN_USER,
}
PLANTED = [c for c in Cause if c is not Cause.UNREADABLE]


class World:
    """Both sides' records with planted causes; every record has a second of its own, so that no two are alike."""

    def __init__(self, seed: int, *, with_ids: bool) -> None:
        self.random = Random(seed)
        self.with_ids = with_ids
        self.host: list[HostRecord] = []
        self.partner: list[PartnerRecord] = []
        self.expected: Counter[Cause] = Counter()
        self.amounts: dict[Cause, Decimal] = {}
        self.number = 0

    def moment(self) -> datetime:
        """Well inside the period of both sides; seconds of the quarter never repeat within a user."""
        day = self.random.randrange(2, 29)
        second = (self.number * 7) % 840
        return START + timedelta(days=day, minutes=15 * self.random.randrange(60), seconds=second)

    def pair(self, cause: Cause) -> tuple[PartnerRecord, HostRecord]:
        self.number += 1
        at = self.moment()
        quantity = Decimal(self.random.randrange(1, 50))
        user = f"user-{self.number}"
        host = HostRecord(
            id=f"h{self.number}", time=at, user=user, quantity=quantity, amount=quantity * PRICE
        )
        row = PartnerRecord(
            row=1 + self.number * 2,
            id=host.id if self.with_ids else "",
            time=at,
            user=user,
            quantity=quantity,
            amount=quantity * PRICE,
        )
        del cause
        return row, host

    def plant(self, cause: Cause) -> None:
        row, host = self.pair(cause)
        difference = Decimal(0)
        kept_row: PartnerRecord | None = row
        kept_host: HostRecord | None = host
        match cause:
            case Cause.TIME_ZONE:
                kept_row = replace(
                    row, time=row.time + timedelta(minutes=15 * self.random.choice([-20, -4, 3, 8, 22]))
                )
            case Cause.PERIOD_EDGE:
                at = END + timedelta(seconds=self.number * 2)
                kept_host = replace(host, time=at)
                kept_row = replace(row, time=at)
                difference = row.amount
            case Cause.DUPLICATE:
                self.partner.append(replace(row, row=row.row + 1))
                self.expected[Cause.AGREED] += 1
                difference = row.amount
            case Cause.QUANTITY:
                kept_row = replace(row, quantity=row.quantity + 3, amount=row.amount + 3 * PRICE)
                difference = 3 * PRICE
            case Cause.ROUNDING:
                kept_row = replace(row, amount=row.amount + Decimal("0.004"))
                difference = Decimal("0.004")
            case Cause.PRICE:
                kept_row = replace(row, amount=row.amount * 2)
                difference = row.amount
            case Cause.MISSING_AT_HOST:
                kept_host = None
                difference = row.amount
            case Cause.MISSING_AT_PARTNER:
                kept_row = None
                difference = -host.amount
            case Cause.AGREED:
                pass
            case _:
                kept_host = replace(host, status=STATUSES[cause], amount=Decimal(0))
                difference = row.amount
        if kept_row is not None:
            self.partner.append(kept_row)
        if kept_host is not None:
            self.host.append(kept_host)
        self.expected[cause] += 1
        self.amounts[cause] = self.amounts.get(cause, Decimal(0)) + difference


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.dictionaries(st.sampled_from(PLANTED), st.integers(0, 12)))
def test_planted_causes_are_found_with_their_exact_counts_and_amounts(
    seed: int, with_ids: bool, plan: dict[Cause, int]
) -> None:
    world = World(seed, with_ids=with_ids)
    causes = [cause for cause, number in plan.items() for _ in range(number)]
    world.random.shuffle(causes)
    for cause in causes:
        world.plant(cause)
    world.random.shuffle(world.partner)
    result = reconcile(world.partner, world.host, FRAME)
    assert {c.cause: c.count for c in result.counts} == dict(+world.expected)
    for count in result.counts:
        assert count.amount == world.amounts.get(count.cause, Decimal(0)), count.cause


_RECORD_TIMES = st.datetimes(datetime(2026, 9, 29), datetime(2026, 11, 3), timezones=st.just(UTC))
_HOST = st.builds(
    HostRecord,
    id=st.integers(0, 30).map(lambda n: f"h{n}"),
    time=_RECORD_TIMES,
    user=st.integers(0, 5).map(lambda n: f"u{n}"),
    quantity=st.integers(0, 9).map(Decimal),
    status=st.sampled_from(HostStatus),
)
_PARTNER = st.builds(
    PartnerRecord,
    row=st.integers(2, 10_000),
    id=st.sampled_from(["", *(f"h{n}" for n in range(30))]),
    time=st.none() | _RECORD_TIMES,
    user=st.sampled_from(["", *(f"u{n}" for n in range(8))]),
    quantity=st.integers(0, 9).map(Decimal),
    amount=st.none() | st.decimals(0, 100, places=3),
    trouble=st.sampled_from(["", "no time that can be read"]),
    known=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PARTNER, max_size=25, unique_by=lambda p: p.row), st.lists(_HOST, max_size=25))
def test_rule_19_class_counts_sum_to_the_union_of_both_sides_records(
    partner: list[PartnerRecord], host: list[HostRecord]
) -> None:
    """Invariant 19, on random data."""
    host = [
        replace(h, amount=h.quantity * PRICE if h.status is HostStatus.BILLED else Decimal(0)) for h in host
    ]
    result = reconcile(partner, host, FRAME)
    rows = [f.partner for f in result.findings if f.partner is not None]
    assert sorted(r.row for r in rows) == sorted(p.row for p in partner)
    pairs = sum(f.partner is not None and f.host is not None for f in result.findings)
    assert sum(c.count for c in result.counts) == result.partner_records + result.host_records - pairs
    billed = [h for h in host if h.status is HostStatus.BILLED and START <= h.time < END]
    found = [f.host for f in result.findings if f.host in billed]
    assert len(found) >= len(billed)
    assert result.host_total == sum((h.amount for h in billed), Decimal(0))
    assert sum((c.amount for c in result.counts), Decimal(0)) == result.partner_total - result.host_total


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_records_changes_nothing(seed: int, order: Random) -> None:
    world = World(seed, with_ids=False)
    for cause in PLANTED * 2:
        world.plant(cause)
    first = reconcile(world.partner, world.host, FRAME)
    order.shuffle(world.partner)
    order.shuffle(world.host)
    assert reconcile(world.partner, world.host, FRAME) == first
