"""Rated values as plain JSON values, which ``partnergate price`` prints.

Decimals are strings without an exponent and without trailing zeros, except money, which keeps the
decimals of its currency. Instants are in UTC with ``Z``. Nothing is a floating-point number.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MONEY = frozenset({"amount", "subtotal", "tax", "total", "share_total", "base", "partner", "host"})
"""Fields of ``RatedPeriod``, ``RatedLine``, ``RatedShare`` and ``LineShare`` that are money."""

_MONEY_HOLDERS = frozenset({"RatedPeriod", "RatedLine", "RatedShare", "LineShare"})


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
            made[name] = decimal_text(item, money=True) if money and item is not None else plain_values(item)
        return made
    raise TypeError(f"{kind.__name__} has no canonical form")


@lru_cache(maxsize=64)
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass, each with whether it is money."""
    holder = kind.__name__ in _MONEY_HOLDERS
    return tuple((field.name, holder and field.name in MONEY) for field in fields(kind))


def decimal_text(value: Decimal, *, money: bool = False) -> str:
    """Digits without exponent; without zeros at the end unless it is money."""
    text = format(value, "f")
    if not money and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if not value else text


def instant_text(value: datetime) -> str:
    """``2026-10-01T04:00:00Z``; microseconds only where there are some."""
    if value.tzinfo is None:
        raise TypeError("an instant without a time zone has no canonical form")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _mapping(value: dict[str, Any]) -> dict[str, Any]:
    return {str(key): plain_values(item) for key, item in value.items()}


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_WRITERS: dict[type, Callable[[Any], Any]] = {
    Decimal: decimal_text,
    datetime: instant_text,
    date: date.isoformat,
    dict: _mapping,
}
