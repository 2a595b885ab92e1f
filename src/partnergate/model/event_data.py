"""Values in the data of a usage event, as text and as exact numbers."""

from __future__ import annotations

from decimal import Context, Decimal

Scalar = str | int | Decimal | bool | None
"""A value of a usage event's data. A number is an ``int`` or, with a fraction or exponent, a ``Decimal``."""

EXACT = Context(prec=200)
"""Wide enough for every sum of numbers that the ledger accepts."""
ZERO = Decimal(0)

_LONGEST_NUMBER = 40
_DIMENSION = Context(prec=60)


def text_of(value: Scalar) -> str:
    """A value as a dimension: numbers without trailing zeros, ``true``, ``false``, ``""`` for null."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return "0" if not value else format(value.normalize(_DIMENSION), "f")
        case _:
            return str(value)


def number_of(value: Scalar) -> Decimal | None:
    """A value as an exact number. Text is accepted if it is a plain decimal; anything else gives none."""
    match value:
        case Decimal():
            return value
        case bool() | None:
            return None
        case int():
            return Decimal(value)
        case str():
            whole, point, fraction = value.removeprefix("-").partition(".")
            plain = whole.isascii() and whole.isdigit() and len(value) <= _LONGEST_NUMBER
            if point:
                plain = plain and fraction.isascii() and fraction.isdigit()
            return Decimal(value) if plain else None
