"""What the partner file says about periods that are final: nothing of it happens, so it is told.

A final statement keeps the terms that are inside it. A version that says something else now, or one
that begins in a final period, would bill the periods after it by terms that no statement was made of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from partnergate.model.days import first_instant

if TYPE_CHECKING:
    from datetime import date

    from partnergate.model.agreement import Agreement
    from partnergate.statements.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A version of the agreement that touches a final period."""

    place: str
    """File and line."""
    effective: date
    statement: str
    is_new: bool
    """It begins inside the period; else it is there, and says something else."""

    def words(self) -> str:
        """In one sentence part."""
        version = f"the version of {self.effective.isoformat()}"
        if self.is_new:
            return f"{version} begins inside the final period of {self.statement}"
        return f"{version} is not the one that {self.statement} was made by"


def touched(account: Account) -> tuple[Touched, ...]:
    """Every version of the file that touches a final statement, by the first one that it touches."""
    found: dict[date, Touched] = {}
    file = account.partner.source.path
    for statement in sorted(account.live, key=lambda s: s.period.start):
        billed = {terms.effective: _said(terms) for terms in statement.terms}
        for version in account.partner.agreements:
            known = billed.get(version.effective)
            start = first_instant(version.effective, version.time_zone)
            is_new = known is None and start < statement.period.end
            if is_new or (known is not None and known != _said(version)):
                told = Touched(
                    place=f"{file}:{version.line}",
                    effective=version.effective,
                    statement=statement.number,
                    is_new=is_new,
                )
                found.setdefault(version.effective, told)
    return tuple(found[day] for day in sorted(found))


def _said(terms: Agreement) -> Agreement:
    """The terms without what may change: their place in the file, their end, the hours of grace."""
    return replace(terms, line=0, until=None, grace_hours=0)
