"""The amendments of earlier statements that the next statement carries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.pricing.event_bounds import without_event_bounds
from partnergate.statements.build import Amendments, measured_quantities
from partnergate.statements.corrections import billed_for, corrections
from partnergate.statements.credits import credit_lines
from partnergate.statements.rating import measured, measured_again, rated_again
from partnergate.statements.sealed_terms import pauses_of, period_of
from partnergate.statements.statement import AmendmentKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from partnergate.metering.usage import Quantity
    from partnergate.pricing.rated import RatedPeriod
    from partnergate.statements.account import Account
    from partnergate.statements.ports import FactReader
    from partnergate.statements.statement import ShareCorrection, Statement, StatementLine

    RateAgain = Callable[[Statement, Sequence[Quantity]], RatedPeriod]


def carried(
    facts: FactReader, account: Account, *, due: datetime, currency: str, rate_again: RateAgain | None = None
) -> Amendments:
    """Return corrections of every finalized statement and credits of disputes, for the next statement.

    Amendments in another currency are left out, because a statement has one currency.

    A finalized statement with unchanged billable records and without later corrections is not rated
    again: the same quantities and terms give the same amounts.
    """
    again = rate_again or rated_again
    live = tuple(s for s in account.live if s.currency == currency)
    lines: list[StatementLine] = []
    shares: list[ShareCorrection] = []
    for number, original in enumerate(live):
        later = live[number + 1 :]
        if not _corrected(original, later) and _unchanged(facts, account, original):
            continue
        quantities = measured_again(facts, account, original)
        found = corrections(original, again(original, quantities), later=later, due=due)
        lines += found.lines
        shares += found.shares
    by_number = {s.number: s for s in live}
    for credit in account.credits:
        statement = by_number.get(credit.statement)
        if statement is None:
            continue  # a credit note took the whole statement back
        carried_so_far = [x for x in lines if x.corrects and x.corrects.statement == statement.number]
        amended = (*billed_for(statement.number, live), *carried_so_far)
        lines += credit_lines(statement, credit, amended, due=due)
    return Amendments(lines=tuple(lines), shares=tuple(shares))


def _unchanged(facts: FactReader, account: Account, original: Statement) -> bool:
    """Whether the records of a finalized statement are unchanged; their hash covers the single events."""
    period = period_of(original)
    counting = tuple(
        replace(s, version=replace(s.version, agreement=without_event_bounds(s.version.agreement)))
        for s in period.segments
    )
    now = measured(facts, account, replace(period, segments=counting), pauses=pauses_of(original))
    return _counts(measured_quantities(now)) == _counts(original.measured)


def _counts(found: Sequence[Quantity]) -> tuple[Quantity, ...]:
    return tuple(replace(one, event_values=(), excluded=(), unmeasured=0) for one in found)


def _corrected(original: Statement, later: Sequence[Statement]) -> bool:
    return any(line.kind is AmendmentKind.CORRECTION for line in billed_for(original.number, later)) or any(
        share.statement == original.number for statement in later for share in statement.share_corrections
    )
