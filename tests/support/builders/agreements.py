"""Agreements with readable defaults."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from partnergate.model.agreement import (
    ActiveUsersMeter,
    Agreement,
    Charge,
    Cycle,
    RevenueShare,
    UsageMeter,
)
from partnergate.pricing.models.flat import Flat
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.tiers import Tier


def charges() -> tuple[Charge, ...]:
    """A platform fee, active users in tiers, tasks in packages."""
    return (
        Charge(name="Platform", price=Flat(amount=Decimal("499.00"))),
        Charge(
            name="Active users",
            meter=ActiveUsersMeter(),
            included=Decimal(50),
            price=Graduated(
                tiers=(
                    Tier(up_to=Decimal(500), unit=Decimal("2.00")),
                    Tier(up_to=None, unit=Decimal("1.50")),
                )
            ),
        ),
        Charge(
            name="Tasks",
            meter=UsageMeter(event="task.run", aggregate="sum", of="quantity"),
            price=Package(size=Decimal(1000), amount=Decimal("1.20")),
        ),
    )


def agreement(**fields: Any) -> Agreement:
    """From October 2026: monthly, in US dollars, in New York, with a minimum and a revenue share."""
    values: dict[str, Any] = {
        "effective": date(2026, 10, 1),
        "until": None,
        "currency": "USD",
        "time_zone": "America/New_York",
        "cycle": Cycle(),
        "charges": charges(),
        "minimum": Decimal("750.00"),
        "revenue_share": RevenueShare(partner_percent=Decimal(20)),
        "line": 35,
    }
    return Agreement(**(values | fields))


def platform_fee(**fields: Any) -> Agreement:
    """From January 2026: a flat monthly fee in UTC, without minimum and share."""
    flat = (Charge(name="Platform", price=Flat(amount=Decimal("499.00"))),)
    values: dict[str, Any] = {
        "effective": date(2026, 1, 1),
        "time_zone": "UTC",
        "charges": flat,
        "minimum": None,
        "revenue_share": None,
        "line": 0,
    }
    return agreement(**(values | fields))
