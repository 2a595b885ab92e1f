"""The explanation of an amount, for the page, the PDF and the terminal."""

from datetime import UTC, date, datetime
from decimal import Decimal

from builders.agreements import agreement
from partnergate.metering.usage import Quantity
from partnergate.model.agreement import Charge, UsageMeter
from partnergate.pricing.models.percentage import Percentage
from partnergate.pricing.periods import period_containing
from partnergate.pricing.rate import rate
from partnergate.pricing.rated import AgreementVersion
from partnergate.rendering.statement.steps import Amounts, line_steps


def steps(price, *values):
    fees = Charge(name="Fees", price=price, meter=UsageMeter(event="pay", aggregate="sum", of="amount"))
    terms = agreement(charges=(fees,), minimum=None, revenue_share=None, effective=date(2026, 10, 1))
    version = AgreementVersion(agreement=terms, file="partners/acme.yaml")
    period = period_containing(terms.cycle, terms.time_zone, datetime(2026, 10, 9, tzinfo=UTC))
    amounts = tuple(map(Decimal, values))
    used = Quantity(
        meter="Fees", start=period.start, end=period.end, value=sum(amounts, Decimal(0)),
        events=len(amounts), event_values=amounts,
    )  # fmt: skip
    line = rate([version], [used], period).lines[0]
    return line_steps(line, Amounts(currency="USD", locale="en_US"))


def test_the_effect_of_event_bounds_is_one_step():
    price = Percentage(percent=Decimal(1), event_minimum=Decimal(1), event_maximum=Decimal(100))
    assert steps(price, 50, 5_000, 50_000) == (
        "amount: 55,050 × 1 % = 550.5",  # noqa: RUF001
        "each event kept to its minimum and maximum: -399.5",
    )


def test_a_fixed_fee_per_event_is_a_step():
    assert steps(Percentage(percent=Decimal(1), fixed=Decimal("0.3")), 50, 50)[1] == "events: 2 × 0.3 = 0.6"  # noqa: RUF001
    assert len(steps(Percentage(percent=Decimal(1)), 50, 50)) == 1
