"""Checked amounts and quantities, as text or whole numbers, to ``Decimal``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def amount(values: Mapping[str, Any], key: str, default: str = "0") -> Decimal:
    """Return the number under ``key``, or ``default`` if the key is missing."""
    return Decimal(str(values.get(key, default)))


def optional_amount(values: Mapping[str, Any], key: str) -> Decimal | None:
    """Return the number under ``key``, or none if the key is missing."""
    value = values.get(key)
    return None if value is None else Decimal(str(value))
