"""Drafts: the statement of a period as it is now. Records come through ports; every decision is pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.model.agreement import ActiveUsersMeter
from partnergate.model.decimals import exactly
from partnergate.statements.account import Account, final_for, next_period, revision_of
from partnergate.statements.build import build_statement
from partnergate.statements.carried import carried
from partnergate.statements.lifecycle import State, StatementStatus, incompleteness, standing
from partnergate.statements.rating import in_pauses, measured, rated

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.pricing.timeline import BillingPeriod
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.ports import FactReader
    from partnergate.statements.statement import Statement

REFRESH = "REFRESH_TOKEN"
"""Keycloak's name of the event that ``active_user: {by: [refresh]}`` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A statement as it is now, and its stage in the lifecycle."""

    statement: Statement
    standing: StatementStatus
    earlier_final: bool
    """Whether the previous period is finalized, so that this one can be next."""
    document: SealedStatement | None = None
    """Set if the statement is finalized."""


@exactly
def draft(facts: FactReader, account: Account, period: BillingPeriod, *, now: datetime) -> Drafted:
    """Return the statement of one period: the finalized one if it exists, otherwise a draft as of ``now``."""
    known = final_for(account, period)
    if known is not None:
        return _final(known)
    due = next_period(account)
    is_next = due is not None and due.start == period.start
    pauses = facts.suspensions(account.partner.partner, period.start, period.end)
    quantities = measured(facts, account, period, pauses=pauses)
    currency = period.segments[-1].version.agreement.currency
    read_until = facts.read_until()
    incomplete = incompleteness(
        period.start,
        period.end,
        read_until=read_until,
        gaps=facts.gaps(period.start, period.end),
        not_stored=not_stored(facts, period),
    )
    statement = build_statement(
        party=account.party,
        rated=rated(account.versions, quantities, period, pauses=pauses),
        versions=account.versions,
        quantities=quantities,
        unbilled=in_pauses(facts, account, period, pauses=pauses),
        suspended=pauses,
        incomplete=incomplete,
        amendments=carried(facts, account, due=period.end, currency=currency) if is_next else None,
        revision=revision_of(account, period),
    )
    return Drafted(
        statement=statement,
        standing=standing(
            period.end,
            grace_hours=period.segments[-1].version.agreement.grace_hours,
            now=now,
            read_until=read_until,
            incomplete=incomplete,
        ),
        earlier_final=is_next,
    )


def not_stored(facts: FactReader, period: BillingPeriod) -> tuple[str, ...]:
    """Return the event types that the terms count and the realm did not store all the time."""
    counts_refresh = any(
        "refresh" in segment.version.agreement.active_user.by
        and any(isinstance(charge.meter, ActiveUsersMeter) for charge in segment.version.agreement.charges)
        for segment in period.segments
    )
    if counts_refresh and not facts.kept(REFRESH, period.start, period.end):
        return (REFRESH,)
    return ()


def _final(document: SealedStatement) -> Drafted:
    statement = document.statement
    return Drafted(
        statement=statement,
        standing=StatementStatus(
            state=State.FINALIZED,
            final_from=statement.final.at if statement.final else statement.period.end,
            grace_over=True,
            incomplete=statement.incomplete,
        ),
        earlier_final=True,
        document=document,
    )
