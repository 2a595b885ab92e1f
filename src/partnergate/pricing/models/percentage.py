"""The price model ``percentage``: a percentage of the metered money, with an optional fee for each event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from partnergate.errors import RatingError
from partnergate.language.shape.amounts import amount, optional_amount
from partnergate.language.shape.collections import Key
from partnergate.language.shape.scalars import Whole
from partnergate.model.decimals import HUNDRED, ZERO, exact, number_text
from partnergate.pricing.models.keys import money_key, percent_key, price_shape
from partnergate.pricing.models.number_checks import not_negative, problem, valid_percent
from partnergate.pricing.models.price_model import MeteredPrice, PriceExample
from partnergate.pricing.models.steps import Band, Basis, RatedTier, step
from partnergate.pricing.models.words import explained_step, listed_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.price_model import Values
    from partnergate.pricing.models.words import Numbers, PriceStep

_BOUNDED = "each event kept to its minimum and maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage(MeteredPrice):
    """A percentage of the metered money amount, with an optional fixed fee per event."""

    model = "percentage"
    shape = price_shape(
        model,
        "A percentage of the metered amount of money",
        percent_key("percent", "Of the metered amount", required=True),
        money_key("fixed", "For each event, on top", default="0"),
        Key(name="free_events", shape=Whole(description="Events without the fixed fee"), default=0),
        money_key("event_minimum", "At least, for each event"),
        money_key("event_maximum", "At most, for each event"),
    )
    guide = """\
A percentage of the metered amount above the included amount, and the `fixed` fee for each event after the first `free_events`.
The meter must be a `sum` of an amount of money.

`event_minimum` and `event_maximum` bound the fee of each event; the usage then lists the value of each event in order of time.
An event that the included amount covers and that is one of the free events costs nothing, whatever the minimum.

A draft of such a charge cannot be computed from hourly sums: it reads every event of the period, and the statement file holds the amount of each (6.2 s of processor time and 4.4 MB for 900,000 events, `benchmarks/RESULTS.md`).
Finalized periods are compared by the hash of their billable records and read again only if it changed.
For millions of events a period, report the fee itself as the quantity and price it with `per_unit` 1.
"""  # noqa: E501 - one sentence a line
    example = PriceExample(
        price='{"model": "percentage", "percent": "2.9", "fixed": "0.30"}',
        quantity="100",
        events=1,
        arithmetic="2.90 + 0.30",
        amount="3.20",
    )
    measures_money = True

    percent: Decimal
    fixed: Decimal = Decimal(0)
    free_events: int = 0
    """Events without the fixed fee."""
    event_minimum: Decimal | None = None
    event_maximum: Decimal | None = None

    @classmethod
    def from_values(cls, values: Values) -> Self:
        return cls(
            percent=amount(values, "percent"),
            fixed=amount(values, "fixed"),
            free_events=values.get("free_events", 0),
            event_minimum=optional_amount(values, "event_minimum"),
            event_maximum=optional_amount(values, "event_maximum"),
        )

    def file_problems(self, path: Path) -> Iterator[CodedFinding]:
        low, high = self.event_minimum, self.event_maximum
        if low is not None and high is not None and low > high:
            yield problem("PG309", (*path, "event_minimum"), f"{low} is above the maximum {high}", "")

    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        yield from valid_percent(self.percent, (*path, "percent"))
        yield from not_negative(self.fixed, (*path, "fixed"))
        yield from not_negative(self.event_minimum, (*path, "event_minimum"))
        yield from not_negative(self.event_maximum, (*path, "event_maximum"))

    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        """Return the percentage, the fixed fees, and what the bounds of the events change."""
        del rules
        charged = Decimal(max(0, measured.events - self.free_events))
        share = step(Basis.AMOUNT, Band(unit=self.percent), max(ZERO, measured.value - included))
        fees = step(Basis.EVENTS, Band(unit=self.fixed), charged)
        if not self.needs_each_event:
            return (share, fees)
        change = self._bounded_fees(measured, included) - share.amount - fees.amount
        adjustment = RatedTier(
            lower=ZERO,
            upper=None,
            basis=Basis.EVENTS,
            quantity=ZERO,
            unit=ZERO,
            flat=change,
            amount=change,
        )
        return (share, fees, adjustment)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        del billable
        return ()

    @property
    def needs_each_event(self) -> bool:
        return not (self.event_minimum is None and self.event_maximum is None)

    def without_event_bounds(self) -> Self:
        return replace(self, event_minimum=None, event_maximum=None)

    @classmethod
    def explain_step(cls, step: PriceStep) -> str:
        if _is_adjustment(step):
            return f"{_BOUNDED}: {number_text(step.amount)}"
        return explained_step(step)

    @classmethod
    def list_step(cls, step: PriceStep, number: Numbers) -> str:
        if _is_adjustment(step):
            return f"{_BOUNDED}: {number(step.amount)}"
        return listed_step(step, number)

    def _bounded_fees(self, measured: Measured, included: Decimal) -> Decimal:
        """Return the sum of the events' fees, each between the minimum and the maximum.

        The included amount and the free events are consumed in the order of the events. An event that
        costs nothing because of them stays free; the minimum does not apply to it.
        """
        if len(measured.event_values) != measured.events:
            raise RatingError(
                "a percentage with a minimum or maximum per event needs the amount of every event",
                advice="pass event_values with the quantity",
            )
        left, total = included, ZERO
        for number, value in enumerate(measured.event_values):
            free = min(left, value)
            left -= free
            has_fixed_fee = number >= self.free_events
            if free == value and not has_fixed_fee:
                continue
            fee = (value - free) * self.percent / HUNDRED + (self.fixed if has_fixed_fee else ZERO)
            if self.event_minimum is not None:
                fee = max(fee, self.event_minimum)
            if self.event_maximum is not None:
                fee = min(fee, self.event_maximum)
            total += fee
        return exact(total)


def _is_adjustment(step: PriceStep) -> bool:
    """Whether the step is what the bounds of the events change: it alone has a flat part."""
    return step.basis == Basis.EVENTS and bool(step.flat)
