"""Rated values as plain JSON values, which ``partnergate price`` prints.

Decimals are strings without an exponent and without trailing zeros, except fields of the type ``Money``,
which have the decimals of their currency. Instants are in UTC with ``Z``. Nothing is a floating-point number.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from partnergate.model.decimals import decimal_text, number_text
from partnergate.model.instants import instant_text
from partnergate.pricing.rated import Money
from partnergate.type_schema import field_types

if TYPE_CHECKING:
    from collections.abc import Callable


def plain_values(value: object) -> Any:
    """The value as mappings, lists, strings, whole numbers, booleans and nulls."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [plain_values(item) for item in value]  # type: ignore[attr-defined]
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(kind):
        made = {}
        for name, money in _fields(kind):
            item = getattr(value, name)
            if type(item) in _AS_THEY_ARE:
                made[name] = item
            else:
                made[name] = decimal_text(item) if money else plain_values(item)
        return made
    raise TypeError(f"{kind.__name__} has no canonical form")


@lru_cache(maxsize=64)
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass, each with whether it is money."""
    types = field_types(kind, include_extras=True)
    return tuple((field.name, types[field.name] == Money) for field in fields(kind))


def _mapping(value: dict[str, Any]) -> dict[str, Any]:
    return {str(key): plain_values(item) for key, item in value.items()}


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_WRITERS: dict[type, Callable[[Any], Any]] = {
    Decimal: number_text,
    datetime: instant_text,
    date: date.isoformat,
    dict: _mapping,
}
