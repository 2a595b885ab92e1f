"""How each amount came about, in words that both sides can follow with a calculator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from partnergate.pricing.models import metered_model
from partnergate.pricing.models.words import is_shown, number_text
from partnergate.pricing.rated import LineKind, RatedLine, RatedPeriod, RatedShare
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from partnergate.pricing.rated import Component


def explained(bill: RatedPeriod) -> RatedPeriod:
    """The bill with its explanation."""
    words: list[str] = []
    for line in bill.lines:
        words.extend(line_words(line, bill.currency))
    words.append(
        f"Total: {bill.total} {bill.currency}, the sum of {counted(len(bill.lines), 'rounded line')}"
    )
    words.extend(_share_words(share, bill.currency) for share in bill.shares)
    return replace(bill, explanation=tuple(words))


def line_words(line: RatedLine, currency: str) -> tuple[str, ...]:
    """One line of the bill: what was counted, each step, what changed the sum, and the result."""
    return tuple(_line_words(line, currency))


def _line_words(line: RatedLine, currency: str) -> Iterator[str]:
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
        yield from (f"  {words}" for words in _component_words(component))
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


def _component_words(component: Component) -> Iterator[str]:
    where = ", ".join(f"{key}={value}" for key, value in component.where)
    label = f"{where}: " if where else ""
    for tier in component.tiers:
        if is_shown(tier):
            yield f"{label}{metered_model(component.model).explain_step(tier)}"


def _share_words(share: RatedShare, currency: str) -> str:
    return (
        f"Revenue share: {_number(share.percent)} % of {share.of} ({share.base}) = {share.partner} {currency}"
        f" to the partner, {share.host} to the host"
    )


def _reason(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _number(value: Decimal | None) -> str:
    return "" if value is None else number_text(value)
