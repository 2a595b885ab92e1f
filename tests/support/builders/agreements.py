"""Builders of partners with terms, for statements; every default can be read here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

from partnergate.model.agreement import (
    ActiveUsersMeter,
    Agreement,
    Charge,
    Cycle,
    Flat,
    Graduated,
    Package,
    RevenueShare,
    Tier,
    UsageMeter,
)
from partnergate.model.partner import EnvironmentName, PartnerId, PartnerSpec, SourceFile, Stage

COMMIT = "5e1f0c2a9b7d4e6f8a0b1c2d3e4f5a6b7c8d9e0f"


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


def agreement(**changes: object) -> Agreement:
    """Monthly, in dollars, in New York, with a minimum and a share."""
    values: dict[str, object] = {
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
    return Agreement(**(values | changes))  # type: ignore[arg-type]


def partner(*agreements: Agreement, partner_id: str = "acme", name: str = "Acme Automations") -> PartnerSpec:
    """A live partner in production."""
    return PartnerSpec(
        partner=PartnerId(partner_id),
        name=name,
        stage=Stage.LIVE,
        environment=EnvironmentName("production"),
        source=SourceFile(path=PurePosixPath(f"partners/{partner_id}.yaml"), sha256="ab" * 32, commit=COMMIT),
        agreements=agreements or (agreement(),),
    )
