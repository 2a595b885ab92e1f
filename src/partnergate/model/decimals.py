"""Exact decimal arithmetic for amounts and quantities.

Exact amounts have 24 decimal places. That is enough that the error of a division never reaches a
minor unit, and few enough that ``a * 14/31 + a * 17/31`` is ``a`` again.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
ZERO = Decimal(0)
HUNDRED = Decimal(100)
CONTEXT = Context(prec=96, rounding=ROUND_HALF_EVEN)
"""The arithmetic of rating: far more digits than any bill, so that no intermediate result is rounded."""

_EXACT = Decimal(1).scaleb(-24)
_PLAIN = re.compile(r"-?[0-9]{1,60}(?:\.[0-9]{1,60})?", re.ASCII)


def decimal_of(text: str) -> Decimal | None:
    """Return the number of a text in plain notation with up to 60 digits on each side; else None.

    ``Decimal`` itself reads ``1E+999999999``, which takes minutes to write in plain notation.
    """
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def exactly(compute: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Make a function add and multiply in ``CONTEXT``; the arithmetic of a thread has only 28 digits."""

    @wraps(compute)
    def inside(*args: _Parameters.args, **named: _Parameters.kwargs) -> _Result:
        with localcontext(CONTEXT):
            return compute(*args, **named)

    return inside


def exact(amount: Decimal) -> Decimal:
    """Return the amount with at most 24 decimal places and no trailing zeros."""
    return plain(amount.quantize(_EXACT, context=CONTEXT))


def rounded_to(number: Decimal, places: int) -> Decimal:
    """Return the number rounded half-even to decimal places; ``round`` fails above 28 digits."""
    return number.quantize(Decimal(1).scaleb(-places), context=CONTEXT)


def plain(number: Decimal) -> Decimal:
    """Return the same number without trailing zeros and without an exponent; never ``-0``."""
    if not number:
        return Decimal(0)
    short = number.normalize(CONTEXT)
    places = short.as_tuple().exponent
    return short.quantize(Decimal(1), context=CONTEXT) if isinstance(places, int) and places > 0 else short


def decimal_text(number: Decimal) -> str:
    """Return a finite number without an exponent, with its decimals unchanged; never ``-0``."""
    if not number.is_finite():
        raise ValueError(f"{number} is not a finite number")
    return format(number or abs(number), "f")


def number_text(number: Decimal) -> str:
    """Return ``decimal_text`` without trailing zeros: equal numbers have one text."""
    text = decimal_text(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def part(amount: Decimal, numerator: int, denominator: int) -> Decimal:
    """Return ``amount * numerator / denominator``, multiplied first."""
    if numerator == denominator:
        return amount
    with localcontext(CONTEXT):
        return exact(amount * numerator / denominator)


def started(quantity: Decimal, size: Decimal) -> Decimal:
    """Return how many packages of ``size`` the quantity starts: 0 for 0, else rounded up."""
    with localcontext(CONTEXT):
        return exact(quantity / size).to_integral_value(rounding=ROUND_CEILING)
