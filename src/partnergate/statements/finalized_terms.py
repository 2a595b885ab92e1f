"""Agreement versions of the partner file that differ from the terms of finalized statements.

A finalized statement keeps its terms. A version that was changed since, or that takes effect inside a
finalized period, has no effect on that statement but bills the later periods, so it is reported.
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
class ChangedTerms:
    """An agreement version that differs from the terms of a finalized period."""

    place: str
    """File and line."""
    effective: date
    statement: str
    is_new: bool
    """Whether the version is new and takes effect inside the period; otherwise it was changed."""

    def words(self) -> str:
        """Return a description without the place."""
        version = f"the version of {self.effective.isoformat()}"
        if self.is_new:
            return f"{version} takes effect inside the finalized period of {self.statement}"
        return f"{version} differs from the terms of {self.statement}"


def touched(account: Account) -> tuple[ChangedTerms, ...]:
    """Return every version that differs from finalized terms, with the first statement that it affects."""
    found: dict[date, ChangedTerms] = {}
    file = account.partner.source.path
    for statement in sorted(account.live, key=lambda s: s.period.start):
        billed = {terms.effective: _billed_terms(terms) for terms in statement.terms}
        for version in account.partner.agreements:
            known = billed.get(version.effective)
            start = first_instant(version.effective, version.time_zone)
            is_new = known is None and start < statement.period.end
            if is_new or (known is not None and known != _billed_terms(version)):
                affected = ChangedTerms(
                    place=f"{file}:{version.line}",
                    effective=version.effective,
                    statement=statement.number,
                    is_new=is_new,
                )
                found.setdefault(version.effective, affected)
    return tuple(found[day] for day in sorted(found))


def _billed_terms(terms: Agreement) -> Agreement:
    """Return the terms without what may change later: place in the file, end, and grace period."""
    return replace(terms, line=0, until=None, grace_hours=0)
