"""The difference that other terms would make to a statement, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.decimals import exactly

if TYPE_CHECKING:
    from partnergate.pricing.rated import RatedPeriod
    from partnergate.statements.statement import Statement

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """The amount of a line before and after; None if the line does not exist."""

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
    """A statement under its own terms and under others, without corrections and credits."""

    number: str
    is_final: bool
    """If true, the comparison has no effect: a finalized statement keeps its terms."""
    currency: str
    lines: tuple[LineChange, ...]
    before: Decimal
    after: Decimal
    share_before: Decimal
    share_after: Decimal
    new_currency: str = ""
    """The currency of the other terms if it differs; then no amounts are compared."""


@exactly
def compared(statement: Statement, rated: RatedPeriod) -> Comparison:
    """Compare the statement's own lines with the period rated by other terms."""
    if statement.currency != rated.currency:
        raise StatementError("cannot compare amounts in two currencies", target=statement.number)
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
    """Return a comparison without amounts, for other terms in another currency."""
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
