"""Rates 200 partners with 20 charges each, prints the time, and checks that two runs give the same bytes.

scripts/benchmark rating
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal

from partnergate.canonical_json import canonical_json
from partnergate.metering.usage import Quantity
from partnergate.model.agreement import Agreement, Charge, Cycle, RevenueShare, Tax, UsageMeter
from partnergate.pricing.models.flat import Flat
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.models.volume import Volume
from partnergate.pricing.periods import period_containing
from partnergate.pricing.plain_values import plain_values
from partnergate.pricing.rate import rate
from partnergate.pricing.rated import AgreementVersion

D = Decimal
TIERS = (Tier(up_to=D(500), unit=D("2.00")), Tier(up_to=D(5000), unit=D("1.50")), Tier(up_to=None, unit=D(1)))
PRICES = (
    Graduated(tiers=TIERS),
    Volume(tiers=TIERS),
    Package(size=D(1000), amount=D("1.20")),
    PerUnit(unit=D("0.015")),
)
METER = UsageMeter(event="task.run", aggregate="sum", of="quantity")


def partner(number: int) -> AgreementVersion:
    charges = [Charge(name="Platform", price=Flat(amount=D(number)))]
    charges += [Charge(name=f"C{i}", price=PRICES[i % 4], meter=METER, included=D(i)) for i in range(19)]
    terms = Agreement(
        effective=date(2026, 1, 1),
        until=None,
        currency="USD",
        time_zone="America/New_York",
        cycle=Cycle(),
        charges=tuple(charges),
        minimum=D(750),
        tax=Tax(name="VAT", percent=D(19)),
        revenue_share=RevenueShare(partner_percent=D(20)),
    )
    return AgreementVersion(agreement=terms)


def bills(versions: list[AgreementVersion]) -> list[str]:
    period = period_containing(Cycle(), "America/New_York", datetime(2026, 10, 5, tzinfo=UTC))
    made = []
    for number, version in enumerate(versions):
        quantities = [
            Quantity(meter=f"C{i}", start=period.start, end=period.end, value=D(number * 37 + i * 211))
            for i in range(19)
        ]
        made.append(canonical_json(plain_values(rate([version], quantities, period))))
    return made


def main() -> None:
    versions = [partner(number) for number in range(200)]
    started = time.process_time()
    first = bills(versions)
    cold = time.process_time() - started
    started = time.process_time()
    again = bills(versions)
    warm = time.process_time() - started
    print(f"200 partners x 20 charges, rated and written: {cold:.3f} s of one core, again {warm:.3f} s")
    period = period_containing(Cycle(), "America/New_York", datetime(2026, 10, 5, tzinfo=UTC))
    started = time.process_time()
    for version in versions:
        rate([version], [], period)
    print(f"rated without writing: {time.process_time() - started:.3f} s of one core")
    print(f"same bytes: {first == again}")


if __name__ == "__main__":
    main()
