"""Amendments that no later statement can carry.

An agreement that has ended, or that now bills in another currency, has no next statement. To bill late
usage there, void the last statement and finalize it again. No statement can carry a credit on that last
statement, because voiding the statement removes the credit as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.model.decimals import exactly
from partnergate.statements.account import follows
from partnergate.statements.carried import carried
from partnergate.statements.statement import AmendmentKind, StatementLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.statements.account import Account
    from partnergate.statements.ports import FactReader


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """The amendments in one currency without a statement that could carry them."""

    currency: str
    last: str
    """The number of the newest finalized statement in the currency."""
    lines: tuple[StatementLine, ...]

    def words(self) -> tuple[str, ...]:
        """Return one message for each leftover amendment, with the next step."""
        beyond = [x for x in self.lines if _credits(x, self.last)]
        late = [x for x in self.lines if not _credits(x, self.last)]
        found = []
        if late:
            found.append(
                f"{_amount(late)} {self.currency} of {_numbers(late)} is not billed, and no statement in "
                f"{self.currency} follows: void {self.last} and finalize it again"
            )
        if beyond:
            found.append(
                f"a credit of {-_amount(beyond)} {self.currency} on {self.last} is on no statement, because "
                f"none in {self.currency} follows: pay it outside the statements"
            )
        return tuple(found)


@exactly
def left_over(facts: FactReader, account: Account) -> tuple[LeftOver, ...]:
    """Return the amendments by currency; none for a currency in which a statement follows."""
    found = []
    for currency in dict.fromkeys(s.currency for s in account.live):
        if follows(account, currency):
            continue
        last = [s for s in account.live if s.currency == currency][-1]
        waiting = carried(facts, account, due=last.period.end, currency=currency).lines
        if waiting:
            found.append(LeftOver(currency=currency, last=last.number, lines=waiting))
    return tuple(found)


def _credits(line: StatementLine, number: str) -> bool:
    amended = line.corrects
    return line.kind is AmendmentKind.CREDIT and amended is not None and amended.statement == number


def _amount(lines: Iterable[StatementLine]) -> Decimal:
    return sum((x.amount for x in lines), Decimal(0))


def _numbers(lines: Iterable[StatementLine]) -> str:
    return ", ".join(dict.fromkeys(x.corrects.statement for x in lines if x.corrects is not None))
