"""What late facts and disputes change where no statement follows that could carry it.

An agreement that has ended, or that bills in another currency now, has no next statement. Late facts
are billed there by voiding the last statement and making it final again. A credit on that last one is
beyond any statement: taking it back takes the credit's line away too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.statements.account import follows
from partnergate.statements.carried import carried
from partnergate.statements.statement import AmendmentKind, StatementLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.statements.account import Account
    from partnergate.statements.ports import FactReader


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """The amending lines of one currency that wait for a statement which will not come."""

    currency: str
    last: str
    """The number of the newest final statement in the currency."""
    lines: tuple[StatementLine, ...]

    def words(self) -> tuple[str, ...]:
        """What is left and what to do about it, a sentence part each."""
        beyond = [x for x in self.lines if _credits(x, self.last)]
        late = [x for x in self.lines if not _credits(x, self.last)]
        found = []
        if late:
            found.append(
                f"{_amount(late)} {self.currency} of {_numbers(late)} is not billed, and no statement in "
                f"{self.currency} follows: void {self.last} and make it final again"
            )
        if beyond:
            found.append(
                f"a credit of {-_amount(beyond)} {self.currency} on {self.last} stands on no statement, as "
                f"none in {self.currency} follows: settle it outside"
            )
        return tuple(found)


def left_over(facts: FactReader, account: Account) -> tuple[LeftOver, ...]:
    """By currency, in the order of the statements; nothing where a statement follows."""
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
    told = line.corrects
    return line.kind is AmendmentKind.CREDIT and told is not None and told.statement == number


def _amount(lines: Iterable[StatementLine]) -> Decimal:
    return sum((x.amount for x in lines), Decimal(0))


def _numbers(lines: Iterable[StatementLine]) -> str:
    return ", ".join(dict.fromkeys(x.corrects.statement for x in lines if x.corrects is not None))
