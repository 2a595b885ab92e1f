"""Checks of numbers that the price models share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.shape.finding import CodedFinding, Finding
from partnergate.model.decimals import HUNDRED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from partnergate.language.text.tree import Path


def not_negative(value: Decimal | None, path: Path) -> Iterator[CodedFinding]:
    """Yield PG020 if the number is negative or not finite; none is allowed."""
    if value is not None and (not value.is_finite() or value < 0):
        yield problem("PG020", path, f"must not be negative: {value}", "zero or more")


def valid_percent(value: Decimal, path: Path) -> Iterator[CodedFinding]:
    """Yield PG020 or PG310 if the number is not a percentage from 0 to 100."""
    yield from not_negative(value, path)
    if value > HUNDRED:
        yield problem("PG310", path, f"{value} percent is more than the whole", 'one fifth is "20"')


def valid_size(size: Decimal, path: Path) -> Iterator[CodedFinding]:
    """Yield PG020 if a package of that size cannot be counted."""
    if not size.is_finite() or size <= 0:
        yield problem("PG020", path, f"a package of {size} units", "more than zero")


def problem(code: str, path: Path, message: str, hint: str) -> CodedFinding:
    """Return a problem at a path."""
    return CodedFinding(code, Finding(path, message, hint))
