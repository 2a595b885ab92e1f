"""The one text of a rated value: the same value gives the same bytes, on every machine.

JSON with sorted keys and no spaces; decimals as strings without exponent and without zeros at the
end, except money, which keeps the currency's decimals; instants in UTC with ``Z``; nothing is a float.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

MONEY = frozenset({"amount", "subtotal", "tax", "total", "share_total", "base", "partner", "host"})
"""Fields of ``RatedPeriod``, ``RatedLine``, ``RatedShare`` and ``LineShare`` that are money."""

_MONEY_HOLDERS = frozenset({"RatedPeriod", "RatedLine", "RatedShare", "LineShare"})


def canonical_json(value: object) -> str:
    """The canonical text."""
    return json.dumps(plain_values(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain_values(value: object, *, money: bool = False) -> Any:
    """The value as mappings, lists, strings, whole numbers, booleans and nulls."""
    match value:
        case None | bool() | int() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case str():
            return value
        case Decimal():
            return decimal_text(value, money=money)
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case tuple() | list():
            return [plain_values(item) for item in value]
        case dict():
            return {str(key): plain_values(item) for key, item in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            holder = type(value).__name__ in _MONEY_HOLDERS
            return {
                field.name: plain_values(getattr(value, field.name), money=holder and field.name in MONEY)
                for field in fields(value)
            }
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


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
