"""How the amount of a line comes about, in words and formatted numbers, one step an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from partnergate.model.days import first_instant, local_date, zone
from partnergate.pricing.money import CONTEXT, formatted, minor_unit, plain
from partnergate.pricing.rated import Basis, LineKind
from partnergate.statements.statement import AmendmentKind

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.pricing.rated import Component, RatedLine, RatedTier
    from partnergate.statements.statement import StatementLine

_SHOWN = Decimal("0.000001")
"""People read six decimals; the file has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How numbers are written."""

    currency: str
    locale: str

    def money(self, amount: Decimal) -> str:
        """An amount with its currency."""
        return formatted(amount, self.currency, self.locale)

    def number(self, value: Decimal) -> str:
        """A number; one with more decimals than people read is cut, and an ellipsis says so."""
        cut = value.quantize(_SHOWN, rounding=ROUND_DOWN, context=CONTEXT)
        text = str(format_decimal(plain(cut), format="#,##0.######", locale=self.locale))
        return text if cut == value else f"{text}…"

    def amount(self, value: Decimal) -> str:
        """Money where it is whole minor units; an exact amount that is not, as a number."""
        whole = value == value.quantize(minor_unit(self.currency), context=CONTEXT)
        return self.money(value) if whole else self.number(value)


def line_steps(line: RatedLine, show: Amounts) -> tuple[str, ...]:
    """The steps of the price, then what discount, bounds and a part period make of them."""
    found = [
        _step(line, component, step, show)
        for component in line.components
        for step in component.tiers
        if step.amount or (step.quantity and step.basis != Basis.EVENTS)
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
    """What a correction or a credit is for, and how it comes about."""
    told = line.corrects
    if told is None:
        return ()
    of = f"of {told.statement} line {told.line}" if told.line else f"of {told.statement}"
    earlier = f" and {show.money(told.earlier)} corrected before" if told.earlier else ""
    if line.kind is AmendmentKind.CREDIT:
        why = "".join(f": {value}" for key, value in line.rated.rules if key == "reason")
        dispute = f", dispute {told.dispute}" if told.dispute else ""
        return (f"{of}, billed {show.money(told.original)}{dispute}{why}",)
    return (f"{of}: {show.money(told.rerated)} re-rated less {show.money(told.original)} billed{earlier}",)


def local_span(start: datetime, end: datetime, time_zone: str) -> str:
    """Whole local days as first and last day, both included; anything else with its local times."""
    first, last = local_date(start, time_zone), local_date(end - timedelta(microseconds=1), time_zone)
    if start == first_instant(first, time_zone) and end == first_instant(last + timedelta(days=1), time_zone):
        return f"{first.isoformat()} to {last.isoformat()}"
    return f"{_local(start, time_zone)} to {_local(end, time_zone)}"


def _local(instant: datetime, time_zone: str) -> str:
    here = instant.astimezone(zone(time_zone))
    seconds = f"{here:%H:%M:%S}".removesuffix(":00")
    return f"{here:%Y-%m-%d} {seconds} {here:%Z}"


def _step(line: RatedLine, component: Component, step: RatedTier, show: Amounts) -> str:
    where = ", ".join(f"{key}={value}" for key, value in component.where)
    if step.basis == Basis.EVENTS and step.flat:
        within = "each event kept to its minimum and maximum"
        return (
            f"[{where}] {within}: {show.number(step.amount)}"
            if where
            else f"{within}: {show.number(step.amount)}"
        )
    percent = " %" if step.basis is Basis.AMOUNT else ""
    flat = f" + {show.number(step.flat)}" if step.flat else ""
    product = f"{show.number(step.quantity)} × {show.number(step.unit)}{percent}{flat}"  # noqa: RUF001
    only = sum(len(c.tiers) for c in line.components) == 1 or (not step.lower and step.upper is None)
    tier = "" if only else _tier(step.lower, step.upper, show)
    named = " ".join(x for x in (f"[{where}]" if where else "", tier, f"{step.basis}:") if x)
    return f"{named} {product} = {show.number(step.amount)}"


def _tier(lower: Decimal, upper: Decimal | None, show: Amounts) -> str:
    return f"over {show.number(lower)}" if upper is None else f"{show.number(lower)} to {show.number(upper)}"
