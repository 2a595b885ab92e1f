"""The outcome of a record: the lines that bill it, or the reason why no line does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.series import series_of_charge
from partnergate.metering.usage import UsageAction
from partnergate.metering.usage_corrections import effective_event
from partnergate.model.agreement import ActiveUsersMeter, LoginsMeter, SessionsMeter, UsageMeter
from partnergate.model.days import local_date
from partnergate.statements.reasons import EXCLUSION_RULES, UNATTRIBUTED_RULES
from partnergate.statements.statement import AmendmentKind, Statement
from partnergate.statements.trace.node import TraceNode, excluded

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.model.agreement import Agreement, Charge
    from partnergate.statements.trace.facts import LoginFact, TraceReader, UsageFact

    Bills = Callable[[str, datetime], tuple[Statement, ...]]
    """Partner and instant -> the statement of the period, then the statements that may amend it."""


def usage_outcome(fact: UsageFact, bills: Bills) -> TraceNode:
    """Return the lines that bill a usage event, or why no line does."""
    if fact.event.action is not UsageAction.RECORD:
        return excluded(f"the event corrects usage {fact.event.target}, which is billed as corrected")
    if fact.owner.partner is None:
        reason = fact.owner.reason
        return excluded(
            UNATTRIBUTED_RULES.get(reason, reason.value) if reason else "the event waits for its login"
        )
    if fact.owner.excluded is not None:
        return excluded(EXCLUSION_RULES.get(fact.owner.excluded, fact.owner.excluded.value))
    documents = bills(fact.owner.partner, fact.event.time)
    if not documents:
        return excluded("no agreement was in effect at that time")
    statement = documents[0]
    terms = terms_at(statement, fact.event.time)
    metered = [
        c for c in terms.charges if isinstance(c.meter, UsageMeter) and c.meter.event == fact.event.type
    ]
    if not metered:
        return excluded(f"no charge of the agreement counts events of type {fact.event.type}")
    reasons = {c.name: exclusion_of(fact, c) for c in metered}
    names = [name for name, why in reasons.items() if why is None]
    if not names:
        return excluded("; ".join(f"{name}: {why}" for name, why in reasons.items()))
    return _billed(documents, fact.event.time, fact.received, names)


def exclusion_of(fact: UsageFact, charge: Charge) -> str | None:
    """Return why a charge does not count a usage event; none if it does."""
    series = series_of_charge(charge)
    if series is None:
        return "the charge is not metered by usage events"
    if fact.owner.excluded is not None:
        return EXCLUSION_RULES.get(fact.owner.excluded, fact.owner.excluded.value)
    effective = effective_event(fact.event, fact.corrections)
    if effective is None:
        return "the event was voided"
    if series.split_of(effective.event.data) is None:
        wanted = ", ".join(f"{key}={value}" for key, value in series.where)
        return f"the charge counts only events with {wanted}"
    return aggregate_named(series.aggregate).why_unmeasured(effective.event.data, series.of)


def login_outcomes(fact: LoginFact, reader: TraceReader, bills: Bills) -> tuple[TraceNode, ...]:
    """Return the lines that bill a login, one node a charge, or why no line does."""
    if fact.error:
        return (excluded("failed logins do not count"),)
    if fact.partner is None:
        reason = fact.reason or "no_provider"
        return (excluded(UNATTRIBUTED_RULES.get(reason, reason)),)
    if fact.excluded is not None:
        return (excluded(EXCLUSION_RULES.get(fact.excluded, fact.excluded)),)
    documents = bills(fact.partner, fact.time)
    if not documents:
        return (excluded("no agreement was in effect at that time"),)
    statement = documents[0]
    terms = terms_at(statement, fact.time)
    found = tuple(
        _login_charge(fact, charge, terms, documents, reader)
        for charge in terms.charges
        if isinstance(charge.meter, ActiveUsersMeter | LoginsMeter | SessionsMeter)
    )
    return found or (excluded("no charge of the agreement counts logins, sessions, or users"),)


def _login_charge(
    fact: LoginFact,
    charge: Charge,
    terms: Agreement,
    documents: tuple[Statement, ...],
    reader: TraceReader,
) -> TraceNode:
    statement = documents[0]
    if isinstance(charge.meter, SessionsMeter) and fact.session is not None:
        session = reader.session(fact.session)
        if session is not None and session.login_event != fact.id:
            return excluded(f"{charge.name}: the first login of the session is counted")
    if isinstance(charge.meter, ActiveUsersMeter):
        if "login" not in terms.active_user.by:
            return excluded(f"{charge.name}: users count as active by {', '.join(terms.active_user.by)}")
        if fact.subject is not None:
            period = statement.period
            first = reader.first_logins(statement.partner, period.start, period.end, [fact.subject])
            known = first.get(fact.subject)
            if known is not None and known.id != fact.id:
                return excluded(f"{charge.name}: the user is counted once, by login {known.id}")
    return _billed(documents, fact.time, fact.read, [charge.name])


def _billed(
    documents: tuple[Statement, ...], at: datetime, known_since: datetime, names: list[str]
) -> TraceNode:
    statement, later = documents[0], documents[1:]
    own = (x for x in statement.lines if x.corrects is None and x.name in names)
    lines = [x for x in own if x.rated.start <= at < x.rated.end]
    if statement.final is not None and known_since > statement.final.at:
        corrected = [
            (s, x)
            for s in later
            for x in s.lines
            if x.kind is AmendmentKind.CORRECTION
            and x.corrects
            and x.name in names
            and x.corrects.statement == statement.number
        ]
        if not corrected:
            return excluded(f"received after {statement.number} was finalized; no amount changes so far")
        return TraceNode(
            kind="billed",
            title="billed late: " + ", ".join(f"{s.number} line {x.number}, {x.name}" for s, x in corrected),
            details=_state(corrected[0][0]),
        )
    return TraceNode(
        kind="billed",
        title="billed: " + ", ".join(f"{statement.number} line {x.number}, {x.name}" for x in lines),
        details=_state(statement),
    )


def _state(statement: Statement) -> tuple[tuple[str, str], ...]:
    return (("statement", "finalized" if statement.final else "not finalized"),)


def terms_at(statement: Statement, instant: datetime) -> Agreement:
    """Return the terms in effect at an instant of the statement's period."""
    day = local_date(instant, statement.period.time_zone)
    return next((t for t in reversed(statement.terms) if t.effective <= day), statement.terms[-1])
