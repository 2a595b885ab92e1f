"""What was not billed is counted once, however many parts a period has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from builders.agreements import agreement
from partnergate.metering.usage import Quantity
from partnergate.model.agreement import ActiveUsersMeter, Charge, UsageMeter
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.rate import rate
from partnergate.pricing.rated import AgreementVersion
from partnergate.pricing.timeline import billing_periods
from partnergate.statements.build import Party, build_statement
from partnergate.statements.statement import Source

START, END = datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)
USERS = Charge(name="Users", meter=ActiveUsersMeter(), price=PerUnit(unit=Decimal(1)))
TASKS = Charge(
    name="Tasks",
    meter=UsageMeter(event="task.run", aggregate="sum", of="quantity"),
    price=PerUnit(unit=Decimal(1)),
)


def test_excluded_users_are_listed_once_a_period_and_excluded_events_for_each_prorated_period() -> None:
    """Each part of a price change says of people what is so in the whole period."""
    terms = agreement(charges=(USERS, TASKS), minimum=None, revenue_share=None, until=date(2026, 10, 16))
    dearer = tuple(replace(c, price=PerUnit(unit=Decimal(2))) for c in (USERS, TASKS))
    later = replace(terms, effective=date(2026, 10, 16), until=None, charges=dearer, line=70)
    versions = [AgreementVersion(agreement=a, file="partners/acme.yaml") for a in (terms, later)]
    (period,) = billing_periods(versions, START, END)
    quantities = [
        Quantity(
            meter=meter, start=s.start, end=s.end, value=Decimal(1),
            excluded=(("test_user", 3),), unmeasured=2 if meter == "Tasks" else 0,
        )
        for s in period.segments
        for meter in ("Users", "Tasks")
    ]  # fmt: skip
    statement = build_statement(
        party=Party(
            environment="production",
            partner="acme",
            name="Acme",
            source=Source(file="partners/acme.yaml", sha256="00", commit=""),
        ),
        rated=rate(versions, quantities, period.period),
        versions=versions,
        quantities=quantities,
    )
    assert [(c.of, c.reason, c.count) for c in statement.excluded] == [
        ("Tasks", "test_user", 6),
        ("Tasks", "unmeasured", 4),
        ("Users", "test_user", 3),
    ]
