"""How an amount comes about, in words for the page, the PDF and the terminal."""

from datetime import UTC, date, datetime
from decimal import Decimal

from builders.agreements import agreement
from partnergate.metering.usage import Quantity
from partnergate.model.agreement import Charge, Percentage, UsageMeter
from partnergate.pricing import AgreementVersion, period_containing, rate
from partnergate.rendering.statement.steps import Amounts, line_steps
from partnergate.statements.build import statement_line


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
    return line_steps(statement_line(line), Amounts(currency="USD", locale="en_US"))


def test_what_bounds_of_events_change_is_one_step_in_words():
    price = Percentage(percent=Decimal(1), event_minimum=Decimal(1), event_maximum=Decimal(100))
    assert steps(price, 50, 5_000, 50_000) == (
        "amount: 55,050 × 1 % = 550.5",  # noqa: RUF001
        "each event kept to its minimum and maximum: -399.5",
    )


def test_a_fixed_fee_for_each_event_is_a_step_and_none_is_none():
    assert steps(Percentage(percent=Decimal(1), fixed=Decimal("0.3")), 50, 50)[1] == "events: 2 × 0.3 = 0.6"  # noqa: RUF001
    assert len(steps(Percentage(percent=Decimal(1)), 50, 50)) == 1
