"""Draft statements: which period is next, what it carries, and what it says now.

Facts come through ports; every decision is made here and in the pure modules this one calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.agreement import ActiveUsersMeter
from partnergate.model.days import first_instant, local_date
from partnergate.pricing import AgreementVersion, billing_periods, in_force, rate
from partnergate.pricing.event_bounds import without_event_bounds
from partnergate.pricing.timeline import without
from partnergate.statements.build import (
    Amendments,
    Party,
    build_statement,
    measured_quantities,
    statement_number,
)
from partnergate.statements.corrections import billed_for, corrections
from partnergate.statements.credits import credit_lines
from partnergate.statements.finalize import live_statements
from partnergate.statements.lifecycle import Standing, State, incompleteness, standing
from partnergate.statements.statement import AmendmentKind, DocumentKind, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from partnergate.metering.usage import Quantity
    from partnergate.model.partner import PartnerSpec
    from partnergate.pricing import BillingPeriod, RatedPeriod
    from partnergate.pricing.timeline import Segment
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.ports import FactReader, PendingCredit
    from partnergate.statements.statement import ShareCorrection, Statement, StatementLine

    Pause = tuple[datetime, datetime]
    RateAgain = Callable[[Statement, Sequence[Quantity]], RatedPeriod]

_TWO_YEARS = timedelta(days=731)
"""No cycle is longer than a year, so the next period begins inside two."""
_INSTANT = timedelta(microseconds=1)
REFRESH = "REFRESH_TOKEN"
"""What Keycloak calls the event that ``active_user: {by: [refresh]}`` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A statement as it is now, and where it is in its life."""

    statement: Statement
    standing: Standing
    earlier_final: bool
    """Whether the period before it is final, so that this one may be next."""
    document: SealedStatement | None = None
    """Set when it is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One partner in one environment: its terms and its final documents."""

    partner: PartnerSpec
    chain: tuple[SealedStatement, ...] = ()
    credits: tuple[PendingCredit, ...] = ()

    @property
    def versions(self) -> tuple[AgreementVersion, ...]:
        """The agreement's versions with the commit they came from."""
        source = self.partner.source
        return tuple(
            AgreementVersion(agreement=a, commit=source.commit, file=str(source.path))
            for a in self.partner.agreements
        )

    @property
    def live(self) -> tuple[Statement, ...]:
        """The final statements that nobody took back."""
        return live_statements(tuple(d.statement for d in self.chain))

    @property
    def party(self) -> Party:
        """Whom the statement is for."""
        spec = self.partner
        return Party(
            environment=spec.environment,
            partner=spec.partner,
            name=spec.name,
            source=Source(file=str(spec.source.path), sha256=spec.source.sha256, commit=spec.source.commit),
        )


def measured(
    facts: FactReader, account: Account, period: BillingPeriod, *, pauses: Sequence[Pause] = ()
) -> tuple[Quantity, ...]:
    """What the partner used in each part of the period that has terms of its own, pauses left out."""
    return _over(facts, account, period, without(period.segments, pauses))


def in_pauses(
    facts: FactReader, account: Account, period: BillingPeriod, *, pauses: Sequence[Pause]
) -> tuple[Quantity, ...]:
    """What the partner used while it was suspended: shown, never billed."""
    edges = [period.start, *(edge for pause in pauses for edge in pause), period.end]
    running = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    return _over(facts, account, period, without(period.segments, running)) if pauses else ()


def _over(
    facts: FactReader, account: Account, period: BillingPeriod, segments: Sequence[Segment]
) -> tuple[Quantity, ...]:
    whole = (period.start, period.end)
    return tuple(
        quantity
        for segment in segments
        for quantity in facts.quantities(
            account.partner.partner, segment.version.agreement, segment.start, segment.end, whole=whole
        )
    )


def draft(facts: FactReader, account: Account, period: BillingPeriod, *, now: datetime) -> Drafted:
    """The statement of one period: the final one where there is one, else what it would say now."""
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
        unattributed=facts.unattributed(period.start, period.end),
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
    """The kinds of event that the period's terms count and that the realm did not store all along."""
    counts_refresh = any(
        "refresh" in segment.version.agreement.active_user.by
        and any(isinstance(charge.meter, ActiveUsersMeter) for charge in segment.version.agreement.charges)
        for segment in period.segments
    )
    if counts_refresh and not facts.kept(REFRESH, period.start, period.end):
        return (REFRESH,)
    return ()


def carried(
    facts: FactReader, account: Account, *, due: datetime, currency: str, rate_again: RateAgain | None = None
) -> Amendments:
    """What the next statement carries: corrections of every final one, and credits of disputes.

    Two currencies are never on one statement, so those of another one are left out.

    A final statement whose facts are those it was made of, and that nothing corrected since, is not
    rated again: the same quantities by the same terms are the same amounts.
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


def rerated(facts: FactReader, account: Account, original: Statement) -> RatedPeriod:
    """A final statement's period with every fact known now, by the terms that the statement holds."""
    return rated_again(original, measured_again(facts, account, original))


def measured_again(facts: FactReader, account: Account, original: Statement) -> tuple[Quantity, ...]:
    """What is known now of a final statement's period, outside the suspensions it names."""
    return measured(facts, account, period_of(original), pauses=pauses_of(original))


def _unchanged(facts: FactReader, account: Account, original: Statement) -> bool:
    """Whether a final statement counts what it counted; the hash of the facts speaks for single events."""
    period = period_of(original)
    counting = tuple(
        replace(s, version=replace(s.version, agreement=without_event_bounds(s.version.agreement)))
        for s in period.segments
    )
    now = measured(facts, account, replace(period, segments=counting), pauses=pauses_of(original))
    return _counts(measured_quantities(now)) == _counts(original.measured)


def _counts(found: Sequence[Quantity]) -> tuple[Quantity, ...]:
    return tuple(replace(one, event_values=(), excluded=(), unmeasured=0) for one in found)


def rated_again(original: Statement, quantities: Sequence[Quantity]) -> RatedPeriod:
    """These quantities by the terms and suspensions that the statement holds."""
    return rated(versions_of(original), quantities, period_of(original), pauses=pauses_of(original))


def pauses_of(original: Statement) -> tuple[Pause, ...]:
    """The suspensions that a statement names."""
    return tuple((span.start, span.end) for span in original.suspended)


def _corrected(original: Statement, later: Sequence[Statement]) -> bool:
    return any(line.kind is AmendmentKind.CORRECTION for line in billed_for(original.number, later)) or any(
        share.statement == original.number for statement in later for share in statement.share_corrections
    )


def rated(
    versions: Sequence[AgreementVersion],
    quantities: Sequence[Quantity],
    period: BillingPeriod,
    *,
    pauses: Sequence[Pause] = (),
) -> RatedPeriod:
    """The bill of a billing period; versions of another currency or cycle inside it bill for themselves."""
    own = {segment.version.id for segment in period.segments}
    used = [v for v in versions if v.id in own or in_force(v)[0] < period.period.start]
    return rate(used, quantities, period.period, pauses=pauses)


def versions_of(original: Statement) -> tuple[AgreementVersion, ...]:
    """The agreement's versions as a final statement holds them."""
    by_date = {v.effective: v for v in original.versions}
    return tuple(
        AgreementVersion(agreement=a, commit=by_date[a.effective].commit, file=by_date[a.effective].file)
        for a in original.terms
    )


def period_of(original: Statement) -> BillingPeriod:
    """The billing period of a final statement, from its own terms."""
    found = [
        p
        for p in billing_periods(versions_of(original), original.period.start, original.period.end)
        if p.start == original.period.start
    ]
    if not found or found[0].end != original.period.end:
        raise StatementError("the terms of the statement do not give its period", target=original.number)
    return found[0]


def next_period(account: Account) -> BillingPeriod | None:
    """The first period that is not final; none where no agreement is in force any more."""
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
    """Every period that has begun and is not final, in order of time; the first is the next one."""
    upcoming = next_period(account)
    if upcoming is None or upcoming.start > now:
        return ()
    after = billing_periods(account.versions, upcoming.end, now + _INSTANT)
    return (upcoming, *(p for p in after if p.start >= upcoming.end and final_for(account, p) is None))


def next_and_running(account: Account, now: datetime) -> tuple[BillingPeriod, ...]:
    """The next period and, where that one is over, the newest that has begun."""
    found = unfinished_periods(account, now)
    return (*found[:1], *found[1:][-1:])


def follows(account: Account, currency: str) -> bool:
    """Whether a statement in that currency is still to come, to carry what amends the earlier ones."""
    upcoming = next_period(account)
    if upcoming is None:
        return False
    ends = ((v.agreement.currency, in_force(v)[1]) for v in account.versions)
    return any(code == currency and (end is None or end > upcoming.start) for code, end in ends)


def period_at(account: Account, instant: datetime) -> BillingPeriod:
    """The billing period that holds an instant."""
    for statement in account.live:
        if statement.period.start <= instant < statement.period.end:
            return period_of(statement)
    for period in billing_periods(account.versions, instant, instant + _INSTANT):
        if period.start <= instant < period.end:
            return period
    raise StatementError(
        "no agreement was in force",
        target=f"{account.partner.partner} at {instant:%Y-%m-%d}",
        advice="the agreement's effective dates are in the partner file",
    )


def final_for(account: Account, period: BillingPeriod) -> SealedStatement | None:
    """The final statement of the period that nobody took back."""
    live = {s.number for s in account.live}
    return next(
        (d for d in account.chain if d.statement.number in live and d.statement.period.start == period.start),
        None,
    )


def revision_of(account: Account, period: BillingPeriod) -> int:
    """1, and one more for each voided statement of the same period."""
    return 1 + sum(
        d.statement.voids is not None and d.statement.period.start == period.start for d in account.chain
    )


def number_of(account: Account, period: BillingPeriod) -> str:
    """The number that the period's statement has or will have."""
    zone = period.segments[-1].version.agreement.time_zone
    revision = revision_of(account, period)
    return statement_number(account.partner.partner, local_date(period.start, zone), revision)


def _reopened(account: Account) -> Statement | None:
    """The oldest voided statement whose period has no final one in its place."""
    live = {s.period.start for s in account.live}
    void = [d.statement for d in account.chain if d.statement.kind is DocumentKind.CREDIT_NOTE]
    return min((v for v in void if v.period.start not in live), key=lambda v: v.period.start, default=None)


def _final(document: SealedStatement) -> Drafted:
    statement = document.statement
    return Drafted(
        statement=statement,
        standing=Standing(
            state=State.FINAL,
            final_from=statement.final.at if statement.final else statement.period.end,
            grace_over=True,
            incomplete=statement.incomplete,
        ),
        earlier_final=True,
        document=document,
    )
