"""Money: minor units, rounding, exact allocation, and formatted amounts.

An exact amount (``model.decimals``) becomes money once per line, in ``rounded``, by the agreement's
rule. Both rules treat a credit as the mirror of a charge.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, assert_never

from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from partnergate.errors import RatingError
from partnergate.model.agreement import Rounding
from partnergate.model.currency import EXPONENTS
from partnergate.model.decimals import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

_HALVES = Decimal(1).scaleb(-18)
"""10/31 of 7.7655 is 2.505, but with 24 places of 10/31 it is 2.504999...; 18 places restore the half."""


def exponent(currency: str) -> int:
    """Return the number of decimals of the currency's minor unit."""
    if currency not in EXPONENTS:
        raise RatingError(
            f'"{currency}" is not a currency', advice="use an ISO 4217 code in capitals, such as EUR"
        )
    return EXPONENTS[currency]


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount: 0.01 for the euro, 1 for the yen."""
    return Decimal(1).scaleb(-exponent(currency))


def rounded(amount: Decimal, currency: str, rule: Rounding) -> Decimal:
    """Return the amount in whole minor units. This is the only place where money is rounded."""
    match rule:
        case Rounding.HALF_UP:
            mode = ROUND_HALF_UP
        case Rounding.HALF_EVEN:
            mode = ROUND_HALF_EVEN
        case _:
            assert_never(rule)
    money = amount.quantize(_HALVES, context=CONTEXT).quantize(
        minor_unit(currency), rounding=mode, context=CONTEXT
    )
    return money or abs(money)


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Split an amount of whole minor units by weight; the shares sum to it exactly.

    By largest remainder: each exact share is truncated to whole minor units, and the remaining units go
    to the largest remainders, the earlier share first. A negative total is allocated like the positive
    one. Weights must not be negative; if all are zero, the shares are equal.
    """
    if not weights:
        raise RatingError("cannot split an amount without shares")
    if any(weight < 0 for weight in weights):
        raise RatingError("a weight of an allocation must not be negative")
    unit = minor_unit(currency)
    with localcontext(CONTEXT):
        units = int(abs(total) / unit)
        if units * unit != abs(total):
            raise RatingError(f"{total} {currency} is not a whole number of minor units")
        scale = max(0, *(-_places(weight) for weight in weights))
        whole = [int(weight.scaleb(scale)) for weight in weights]
        if not any(whole):
            whole = [1] * len(whole)
        everything = sum(whole)
        shares = [units * weight // everything for weight in whole]
        by_remainder = sorted(range(len(whole)), key=lambda i: (-(units * whole[i] % everything), i))
        for index in by_remainder[: units - sum(shares)]:
            shares[index] += 1
        sign = -1 if total < 0 else 1
        return tuple((sign * share * unit).quantize(unit) if share else abs(0 * unit) for share in shares)


def _places(number: Decimal) -> int:
    places = number.as_tuple().exponent
    if not isinstance(places, int):
        raise RatingError(f"{number} is not a number")
    return places


def formatted(amount: Decimal, currency: str, locale: str = "en_US") -> str:
    """Return the amount as text, with the currency's decimals and the locale's signs. For output only."""
    places = exponent(currency)
    with localcontext(CONTEXT):
        return format_currency(
            amount, currency, locale=locale, currency_digits=False, format=_pattern(currency, locale, places)
        )


def formatted_number(number: Decimal | int, locale: str = "en_US", pattern: str | None = None) -> str:
    """Return a number with the locale's signs, by its pattern or another. For output only.

    The library formats in the arithmetic of the thread, which has 28 digits and fails above them.
    """
    with localcontext(CONTEXT):
        return str(format_decimal(number, format=pattern, locale=locale))


def _pattern(currency: str, locale: str, places: int) -> str:
    """Return the locale's pattern with the decimals of ISO 4217, and a space after a code in letters."""
    pattern = str(Locale.parse(locale).currency_formats["standard"].pattern)
    if get_currency_symbol(currency, locale=locale)[-1:].isalpha():
        pattern = pattern.replace("¤#", "¤\u00a0#")
    return pattern.replace(".00", "." + "0" * places if places else "")
