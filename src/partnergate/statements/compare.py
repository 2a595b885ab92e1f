"""What other terms would have done to a statement, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError

if TYPE_CHECKING:
    from partnergate.pricing.rated import RatedPeriod
    from partnergate.statements.statement import Statement

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line before and after; none where it is not there."""

    name: str
    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal:
        """After minus before."""
        before = ZERO if self.before is None else self.before
        return (ZERO if self.after is None else self.after) - before


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A statement under its own terms and under others; corrections and credits are left out."""

    number: str
    is_final: bool
    """Then nothing of this happens: a final statement keeps its terms."""
    currency: str
    lines: tuple[LineChange, ...]
    before: Decimal
    after: Decimal
    share_before: Decimal
    share_after: Decimal
    new_currency: str = ""
    """Set where the other terms are in another currency: then no amount is compared."""


def compared(statement: Statement, rated: RatedPeriod) -> Comparison:
    """The statement's own lines beside the period rated by other terms."""
    if statement.currency != rated.currency:
        raise StatementError("two currencies are not compared", target=statement.number)
    before = {x.rated.key: x.rated for x in statement.lines if x.corrects is None}
    after = {x.key: x for x in rated.lines}
    order = list(dict.fromkeys((*before, *after)))
    return Comparison(
        number=statement.number,
        is_final=statement.final is not None,
        currency=statement.currency,
        lines=tuple(
            LineChange(
                name=key[1],
                before=before[key].amount if key in before else None,
                after=after[key].amount if key in after else None,
            )
            for key in order
        ),
        before=sum((x.amount for x in before.values()), ZERO),
        after=rated.total,
        share_before=statement.share_total - sum((c.amount for c in statement.share_corrections), ZERO),
        share_after=rated.share_total,
    )


def other_currency(statement: Statement, currency: str) -> Comparison:
    """A statement that other terms bill in another currency: amounts of two currencies are not compared."""
    return Comparison(
        number=statement.number,
        is_final=statement.final is not None,
        currency=statement.currency,
        lines=(),
        before=statement.total,
        after=statement.total,
        share_before=statement.share_total,
        share_after=statement.share_total,
        new_currency=currency,
    )
