"""The steps of a line's amount as text with formatted numbers, one entry a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from partnergate.model.days import first_instant, local_date, zone
from partnergate.model.decimals import CONTEXT, plain
from partnergate.pricing.models import metered_model
from partnergate.pricing.models.words import is_shown
from partnergate.pricing.money import formatted, formatted_number, minor_unit
from partnergate.pricing.rated import LineKind
from partnergate.statements.statement import AmendmentKind

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.pricing.models.steps import RatedTier
    from partnergate.pricing.rated import Component, RatedLine
    from partnergate.statements.statement import StatementLine

_SHOWN = Decimal("0.000001")
"""Six decimals are shown to people; the statement file has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How amounts and numbers are formatted."""

    currency: str
    locale: str

    def money(self, amount: Decimal) -> str:
        """Return an amount with its currency."""
        return formatted(amount, self.currency, self.locale)

    def number(self, value: Decimal) -> str:
        """Return a number; more than six decimals are truncated and marked with an ellipsis."""
        truncated = value.quantize(_SHOWN, rounding=ROUND_DOWN, context=CONTEXT)
        text = formatted_number(plain(truncated), self.locale, "#,##0.######")
        return text if truncated == value else f"{text}…"

    def amount(self, value: Decimal) -> str:
        """Return money if the amount is in whole minor units, otherwise the exact number."""
        whole = value == value.quantize(minor_unit(self.currency), context=CONTEXT)
        return self.money(value) if whole else self.number(value)


def line_steps(line: RatedLine, show: Amounts) -> tuple[str, ...]:
    """Return the steps of the price, then the effect of discount, bounds and proration."""
    found = [
        _step(component, step, show)
        for component in line.components
        for step in component.tiers
        if is_shown(step)
    ]
    if line.discount is not None and line.discount.taken:
        reason = f" ({line.discount.reason})" if line.discount.reason else ""
        found.append(f"discount{reason}: {show.amount(-line.discount.taken)}")
    if line.minimum is not None:
        found.append(f"raised to the minimum {show.amount(line.minimum)}")
    if line.maximum is not None:
        found.append(f"lowered to the maximum {show.amount(line.maximum)}")
    if not line.fraction.is_whole:
        part = line.fraction
        found.append(f"for {part.numerator}/{part.denominator} {part.by}s")
    if line.kind is LineKind.TRUE_UP:
        found.append(f"{show.amount(line.quantity)} less {show.amount(line.included)} of the lines above")
    if line.kind is LineKind.TAX and line.unit is not None:
        found.append(f"{show.number(line.unit)} % of {show.amount(line.quantity)}")
    return tuple(found)


def correction_steps(line: StatementLine, show: Amounts) -> tuple[str, ...]:
    """Return what a correction or a credit is for, and its arithmetic."""
    corrected = line.corrects
    if corrected is None:
        return ()
    of = f"of {corrected.statement} line {corrected.line}" if corrected.line else f"of {corrected.statement}"
    earlier = f" and {show.money(corrected.earlier)} corrected before" if corrected.earlier else ""
    if line.kind is AmendmentKind.CREDIT:
        why = "".join(f": {value}" for key, value in line.rated.rules if key == "reason")
        dispute = f", dispute {corrected.dispute}" if corrected.dispute else ""
        return (f"{of}, billed {show.money(corrected.original)}{dispute}{why}",)
    amounts = f"{show.money(corrected.rerated)} re-rated less {show.money(corrected.original)} billed"
    return (f"{of}: {amounts}{earlier}",)


def local_span(start: datetime, end: datetime, time_zone: str) -> str:
    """Return whole local days as first and last day, both included; any other span with local times."""
    first, last = local_date(start, time_zone), local_date(end - timedelta(microseconds=1), time_zone)
    if start == first_instant(first, time_zone) and end == first_instant(last + timedelta(days=1), time_zone):
        return f"{first.isoformat()} to {last.isoformat()}"
    return f"{_local(start, time_zone)} to {_local(end, time_zone)}"


def _local(instant: datetime, time_zone: str) -> str:
    here = instant.astimezone(zone(time_zone))
    seconds = f"{here:%H:%M:%S}".removesuffix(":00")
    return f"{here:%Y-%m-%d} {seconds} {here:%Z}"


def _step(component: Component, step: RatedTier, show: Amounts) -> str:
    where = ", ".join(f"{key}={value}" for key, value in component.where)
    words = metered_model(component.model).list_step(step, show.number)
    return f"[{where}] {words}" if where else words
