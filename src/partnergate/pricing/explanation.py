"""The explanation of a bill: the arithmetic of each amount, for both sides to check with a calculator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from partnergate.model.decimals import number_text
from partnergate.pricing.models import metered_model
from partnergate.pricing.models.words import is_shown
from partnergate.pricing.rated import LineKind, RatedLine, RatedPeriod, RatedShare
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from partnergate.pricing.rated import Component


def explained(bill: RatedPeriod) -> RatedPeriod:
    """Return the bill with its explanation."""
    text: list[str] = []
    for line in bill.lines:
        text.extend(line_explanation(line, bill.currency))
    text.append(f"Total: {bill.total} {bill.currency}, the sum of {counted(len(bill.lines), 'rounded line')}")
    text.extend(_share_text(share, bill.currency) for share in bill.shares)
    return replace(bill, explanation=tuple(text))


def line_explanation(line: RatedLine, currency: str) -> tuple[str, ...]:
    """Return the explanation of one line: quantity, steps, discount and bounds, result."""
    return tuple(_line_explanation(line, currency))


def _line_explanation(line: RatedLine, currency: str) -> Iterator[str]:
    match line.kind:
        case LineKind.TRUE_UP:
            yield (
                f"{line.name}: {_of(line)}minimum {_number(line.quantity)}"
                f" less lines of {_number(line.included)} = {line.amount} {currency}"
            )
            return
        case LineKind.TAX:
            rate = f"{_number(line.unit)} % of {_number(line.quantity)}"
            yield f"{line.name}: {rate} = {line.amount} {currency}"
            return
        case LineKind.FLAT | LineKind.USAGE:
            pass
        case _:
            assert_never(line.kind)
    yield f"{line.name}: {_counted(line)}"
    for component in line.components:
        yield from (f"  {text}" for text in _component_text(component))
    if line.discount is not None:
        yield f"  discount{_reason(line.discount.reason)}: -{_number(line.discount.taken)}"
    if line.minimum is not None:
        yield f"  raised to the minimum {_number(line.minimum)}"
    if line.maximum is not None:
        yield f"  lowered to the maximum {_number(line.maximum)}"
    rules = "".join(f", {key} {value}" for key, value in line.rules)
    yield f"  = {_number(line.exact)}, billed {line.amount} {currency}{rules}"


def _counted(line: RatedLine) -> str:
    if line.kind is LineKind.FLAT:
        return f"{_of(line)}flat amount"
    free = f", {_number(line.included)} included" if line.included else ""
    return f"{_number(line.quantity)} measured{free}"


def _of(line: RatedLine) -> str:
    share = line.fraction
    if share.numerator == share.denominator:
        return ""
    return f"{share.numerator}/{share.denominator} ({share.by}) of the "


def _component_text(component: Component) -> Iterator[str]:
    where = ", ".join(f"{key}={value}" for key, value in component.where)
    label = f"{where}: " if where else ""
    for tier in component.tiers:
        if is_shown(tier):
            yield f"{label}{metered_model(component.model).explain_step(tier)}"


def _share_text(share: RatedShare, currency: str) -> str:
    return (
        f"Revenue share: {_number(share.percent)} % of {share.of} ({share.base}) = {share.partner} {currency}"
        f" to the partner, {share.host} to the host"
    )


def _reason(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _number(value: Decimal | None) -> str:
    return "" if value is None else number_text(value)
