"""Finalized statements compared with their re-rating from today's billable records."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.canonical_json import canonical_bytes
from partnergate.model.decimals import exactly
from partnergate.statements.corrections import billed_for, corrections
from partnergate.statements.rating import rerated
from partnergate.statements.typed_json import to_json

if TYPE_CHECKING:
    from partnergate.pricing.rated import RatedPeriod
    from partnergate.statements.account import Account
    from partnergate.statements.ports import FactReader
    from partnergate.statements.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One finalized statement, compared with the result of its own terms for today's billable records."""

    number: str
    lines: int
    """The number of lines that are not amendments."""
    differences: tuple[str, ...]
    """A description of each line that differs."""
    not_billed: str
    """The amount that no statement has billed yet; empty if there is none."""
    billed_by: tuple[str, ...]
    """The later statements with corrections of it."""

    @property
    def is_all_billed(self) -> bool:
        """Whether later statements have billed every difference."""
        return not self.not_billed and (not self.differences or bool(self.billed_by))


@exactly
def compared(facts: FactReader, account: Account) -> tuple[Compared, ...]:
    """Compare every finalized statement of the account, in order."""
    live = account.live
    found = []
    for place, statement in enumerate(live):
        later = tuple(s for s in live[place + 1 :] if s.currency == statement.currency)
        again = rerated(facts, account, statement)
        waiting = corrections(statement, again, later=later, due=statement.period.end)
        amount = sum((x.amount for x in waiting.lines), Decimal(0))
        found.append(
            Compared(
                number=statement.number,
                lines=sum(x.corrects is None for x in statement.lines),
                differences=_differences(statement, again),
                not_billed=f"{amount} {statement.currency}" if waiting.lines or waiting.shares else "",
                billed_by=tuple(s.number for s in later if billed_for(statement.number, [s])),
            )
        )
    return tuple(found)


def _differences(statement: Statement, again: RatedPeriod) -> tuple[str, ...]:
    now = {x.key: x for x in again.lines}
    found = []
    for line in statement.lines:
        if line.corrects is not None:
            continue
        new = now.pop(line.rated.key, None)
        if new is None:
            found.append(f"line {line.number}, {line.name}: {line.amount} -> removed")
        elif canonical_bytes(to_json(new)) != canonical_bytes(to_json(line.rated)):
            change = f"-> {new.amount}" if new.amount != line.amount else "from other billable records"
            found.append(f"line {line.number}, {line.name}: {line.amount} {change}")
    return (*found, *(f"new line, {x.name}: {x.amount}" for x in now.values()))
