"""The account of a partner in an environment, and the billing periods that it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.days import first_instant, local_date
from partnergate.pricing.rated import AgreementVersion
from partnergate.pricing.timeline import billing_periods, in_force
from partnergate.statements.build import Party, statement_number
from partnergate.statements.finalize import live_statements
from partnergate.statements.sealed_terms import period_of
from partnergate.statements.statement import DocumentKind, Source

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.pricing.timeline import BillingPeriod
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.ports import PendingCredit
    from partnergate.statements.statement import Statement

_TWO_YEARS = timedelta(days=731)
"""A cycle is at most a year long, so the next period begins within two years."""
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A partner in an environment: its terms, its finalized documents, and its pending credits."""

    partner: PartnerSpec
    chain: tuple[SealedStatement, ...] = ()
    credits: tuple[PendingCredit, ...] = ()

    @property
    def versions(self) -> tuple[AgreementVersion, ...]:
        """The versions of the agreement, each with the commit that it came from."""
        source = self.partner.source
        return tuple(
            AgreementVersion(agreement=a, commit=source.commit, file=str(source.path))
            for a in self.partner.agreements
        )

    @property
    def live(self) -> tuple[Statement, ...]:
        """The finalized statements that no credit note reversed."""
        return live_statements(tuple(d.statement for d in self.chain))

    @property
    def party(self) -> Party:
        """The recipient of the statement."""
        spec = self.partner
        return Party(
            environment=spec.environment,
            partner=spec.partner,
            name=spec.name,
            source=Source(file=str(spec.source.path), sha256=spec.source.sha256, commit=spec.source.commit),
        )


def next_period(account: Account) -> BillingPeriod | None:
    """Return the first period that is not finalized; none if no agreement is in effect anymore."""
    live = account.live
    if not account.partner.agreements:
        return None
    versions = account.versions
    void = _reopened(account)
    if void is not None:
        return period_of(void)
    first = min(v.agreement.effective for v in versions)
    zone = versions[0].agreement.time_zone
    start = max((s.period.end for s in live), default=first_instant(first, zone))
    found = billing_periods(versions, start, start + _TWO_YEARS)
    return next((p for p in found if p.start >= start or not live), None)


def unfinished_periods(account: Account, now: datetime) -> tuple[BillingPeriod, ...]:
    """Return the periods that have begun and are not finalized, oldest first; the first is the next one."""
    upcoming = next_period(account)
    if upcoming is None or upcoming.start > now:
        return ()
    after = billing_periods(account.versions, upcoming.end, now + _INSTANT)
    return (upcoming, *(p for p in after if p.start >= upcoming.end and final_for(account, p) is None))


def next_and_running(account: Account, now: datetime) -> tuple[BillingPeriod, ...]:
    """Return the next period and, if that one is over, the newest period that has begun."""
    found = unfinished_periods(account, now)
    return (*found[:1], *found[1:][-1:])


def follows(account: Account, currency: str) -> bool:
    """Whether a later statement in that currency can carry amendments of the earlier ones."""
    upcoming = next_period(account)
    if upcoming is None:
        return False
    ends = ((v.agreement.currency, in_force(v)[1]) for v in account.versions)
    return any(code == currency and (end is None or end > upcoming.start) for code, end in ends)


def period_at(account: Account, instant: datetime) -> BillingPeriod:
    """Return the billing period that contains an instant.

    Raises ``StatementError`` if no agreement was in effect.
    """
    for statement in account.live:
        if statement.period.start <= instant < statement.period.end:
            return period_of(statement)
    for period in billing_periods(account.versions, instant, instant + _INSTANT):
        if period.start <= instant < period.end:
            return period
    raise StatementError(
        "no agreement was in effect",
        target=f"{account.partner.partner} at {instant:%Y-%m-%d}",
        advice="the agreement's effective dates are in the partner file",
    )


def final_for(account: Account, period: BillingPeriod) -> SealedStatement | None:
    """Return the finalized statement of the period that no credit note reversed."""
    live = {s.number for s in account.live}
    return next(
        (d for d in account.chain if d.statement.number in live and d.statement.period.start == period.start),
        None,
    )


def revision_of(account: Account, period: BillingPeriod) -> int:
    """Return 1 plus the number of voided statements of the same period."""
    return 1 + sum(
        d.statement.voids is not None and d.statement.period.start == period.start for d in account.chain
    )


def number_of(account: Account, period: BillingPeriod) -> str:
    """Return the number that the statement of the period has or will have."""
    zone = period.segments[-1].version.agreement.time_zone
    revision = revision_of(account, period)
    return statement_number(account.partner.partner, local_date(period.start, zone), revision)


def _reopened(account: Account) -> Statement | None:
    """The oldest voided statement whose period has no new finalized statement."""
    live = {s.period.start for s in account.live}
    void = [d.statement for d in account.chain if d.statement.kind is DocumentKind.CREDIT_NOTE]
    return min((v for v in void if v.period.start not in live), key=lambda v: v.period.start, default=None)
