"""The periods, agreement versions, and suspensions that a finalized statement contains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.pricing.rated import AgreementVersion
from partnergate.pricing.timeline import billing_periods

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.pricing.timeline import BillingPeriod
    from partnergate.statements.statement import Statement

    Pause = tuple[datetime, datetime]


def pauses_of(original: Statement) -> tuple[Pause, ...]:
    """Return the suspensions that a statement lists."""
    return tuple((span.start, span.end) for span in original.suspended)


def versions_of(original: Statement) -> tuple[AgreementVersion, ...]:
    """Return the versions of the agreement inside a finalized statement."""
    by_date = {v.effective: v for v in original.versions}
    return tuple(
        AgreementVersion(agreement=a, commit=by_date[a.effective].commit, file=by_date[a.effective].file)
        for a in original.terms
    )


def period_of(original: Statement) -> BillingPeriod:
    """Return the billing period of a finalized statement, from the terms inside it.

    Raises ``StatementError`` if the terms do not give the period of the statement.
    """
    found = [
        p
        for p in billing_periods(versions_of(original), original.period.start, original.period.end)
        if p.start == original.period.start
    ]
    if not found or found[0].end != original.period.end:
        raise StatementError("the terms of the statement do not give its period", target=original.number)
    return found[0]
