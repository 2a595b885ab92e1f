"""The price model ``flat``: a fixed amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - statement documents are read by these types
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from partnergate.language.shape.amounts import amount
from partnergate.language.shape.collections import Key
from partnergate.language.shape.scalars import Choice
from partnergate.pricing.models.keys import money_key, price_shape
from partnergate.pricing.models.number_checks import not_negative
from partnergate.pricing.models.price_model import FixedPrice, PriceExample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.pricing.models.price_model import Values


class FlatTiming(StrEnum):
    """When a flat price is due."""

    ADVANCE = "advance"
    ARREARS = "arrears"
    ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(FixedPrice):
    """A fixed amount a period, or once."""

    model = "flat"
    shape = price_shape(
        model,
        "A fixed amount",
        money_key("amount", "The amount", required=True),
        Key(
            name="timing",
            shape=Choice(
                words=("advance", "arrears", "once"),
                description="Due before the period, after it, or once in the first period",
            ),
            default="arrears",
        ),
        amount_key="amount",
        instead=("price", "unit", "fee"),
    )
    guide = """\
A fixed amount for each period, without a meter.

`timing` is `arrears` (default), `advance` or `once`.
A flat price is listed on the statement of the period that it covers; with `advance` it is due at the start of the period.
With `once` it is due in the first period in which an agreement names the charge. It is never prorated, and never due again under that name.
"""  # noqa: E501 - one sentence a line
    example = PriceExample(price='{"model": "flat", "amount": "499.00"}', amount="499.00")

    amount: Decimal
    timing: FlatTiming = FlatTiming.ARREARS

    @classmethod
    def from_values(cls, values: Values) -> Self:
        timing = FlatTiming(values.get("timing", FlatTiming.ARREARS))
        return cls(amount=amount(values, "amount"), timing=timing)

    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        yield from not_negative(self.amount, (*path, "amount"))

    def statement_amounts(self) -> tuple[tuple[str, Decimal], ...]:
        return (("amount", self.amount),)

    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        del billable
        return ()

    @property
    def due(self) -> Decimal:
        return self.amount

    @property
    def is_due_once(self) -> bool:
        return self.timing is FlatTiming.ONCE

    @property
    def is_due_in_advance(self) -> bool:
        return self.timing is FlatTiming.ADVANCE
