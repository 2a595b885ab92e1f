"""Walks any unit of a bill in both directions.

From a line to its facts, and from each fact through its session and login to the provider and the
partner file. From a login or usage event to the line that billed it, or the reason why none did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from partnergate.attribution.outcome import AttributedSession, UnattributedSession
from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.corrections import effective_event
from partnergate.metering.series import series_of_charge
from partnergate.metering.usage import UsageAction
from partnergate.model.agreement import (
    ActiveUsersMeter,
    Charge,
    LoginsMeter,
    SessionsMeter,
    UsageMeter,
)
from partnergate.model.event_data import text_of
from partnergate.statements.build import EXCLUSION_RULES, UNATTRIBUTED_RULES
from partnergate.statements.canonical import instant_text
from partnergate.statements.statement import Statement, StatementLineKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from partnergate.model.agreement import Agreement
    from partnergate.statements.statement import StatementLine
    from partnergate.statements.trace.facts import LoginFact, ProviderFact, TraceReader, UsageFact

    Bills = Callable[[str, datetime], tuple[Statement, ...]]
    """Of a partner and an instant: the statement of the period first, then those that may amend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceNode:
    """One step of a trace."""

    kind: str
    """``line``, ``usage``, ``login``, ``session``, ``provider``, ``file``, ``billed``, ``not_billed``
    or ``more``."""
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    children: tuple[TraceNode, ...] = ()


def trace_line(
    statement: Statement, number: int, reader: TraceReader, *, offset: int = 0, limit: int = 10
) -> TraceNode:
    """A line down to the facts it counts, ``limit`` of them from ``offset`` on."""
    line = statement.lines[number - 1]
    charge = _charge_of(statement, line)
    if line.corrects is not None:
        children: tuple[TraceNode, ...] = (_corrected(line),)
    elif charge is None or charge.meter is None:
        children = (_terms(statement, line),)
    else:
        found = _counted(statement, line, charge, reader, offset=offset, limit=limit)
        children = (*found, *_more(line, offset, len(found)), _terms(statement, line))
    return TraceNode(
        kind="line",
        title=f"{statement.number} line {line.number}, {line.name}",
        facts=(
            ("amount", f"{line.amount} {statement.currency}"),
            ("quantity", format(line.quantity, "f")),
            ("period", f"{instant_text(line.start)} to {instant_text(line.end)}"),
            *((("facts", f"{line.facts.count}, {line.facts.sha256}"),) if line.facts else ()),
        ),
        children=children,
    )


def trace_usage(fact: UsageFact, reader: TraceReader, bills: Bills) -> TraceNode:
    """A usage event to the lines that billed it, and down to the partner file."""
    outcome = _usage_outcome(fact, bills)
    return _usage_node(fact, reader, (outcome,))


def trace_login(fact: LoginFact, reader: TraceReader, bills: Bills) -> TraceNode:
    """A login event to the lines that billed it, and down to the partner file."""
    return _login_node(fact, reader, _login_outcomes(fact, reader, bills))


def trace_session(session_id: str, reader: TraceReader, bills: Bills) -> TraceNode | None:
    """A session to what its login was billed as."""
    session = reader.session(session_id)
    if session is None:
        return None
    node = _session_node(session, reader)
    login = reader.login(session.login_event)
    outcomes = _login_outcomes(login, reader, bills) if login is not None else ()
    return TraceNode(kind=node.kind, title=node.title, facts=node.facts, children=(*outcomes, *node.children))


def _charge_of(statement: Statement, line: StatementLine) -> Charge | None:
    terms = _terms_at(statement, line.start)
    return next((c for c in terms.charges if c.name == line.name), None)


def _terms_at(statement: Statement, instant: datetime) -> Agreement:
    from partnergate.model.days import local_date  # noqa: PLC0415 - keeps the import cheap

    day = local_date(instant, statement.period.time_zone)
    return next((t for t in reversed(statement.terms) if t.effective <= day), statement.terms[-1])


def _counted(
    statement: Statement,
    line: StatementLine,
    charge: Charge,
    reader: TraceReader,
    *,
    offset: int,
    limit: int,
) -> tuple[TraceNode, ...]:
    match charge.meter:
        case UsageMeter():
            usage = reader.usage_of(
                statement.partner, charge.meter.event, line.start, line.end, offset=offset, limit=limit
            )
            return tuple(_usage_node(f, reader, _left_out(f, charge)) for f in usage)
        case ActiveUsersMeter():
            people = reader.people_of(statement.partner, line.start, line.end, offset=offset, limit=limit)
            return tuple(_login_node(f, reader, ()) for f in people)
        case LoginsMeter() | SessionsMeter():
            logins = reader.logins_of(statement.partner, line.start, line.end, offset=offset, limit=limit)
            return tuple(_login_node(f, reader, ()) for f in logins)
        case None:
            return ()
        case _:
            assert_never(charge.meter)


def _left_out(fact: UsageFact, charge: Charge) -> tuple[TraceNode, ...]:
    why = _why_not_counted(fact, charge)
    return (_not_billed(why),) if why else ()


def _more(line: StatementLine, offset: int, shown: int) -> tuple[TraceNode, ...]:
    count = line.facts.count if line.facts else 0
    if line.facts is None or offset + shown >= count:
        return ()
    return (
        TraceNode(kind="more", title=f"{count} facts in all; these are {offset + 1} to {offset + shown}"),
    )


def _corrected(line: StatementLine) -> TraceNode:
    told = line.corrects
    if told is None:
        raise ValueError("the line corrects nothing")
    return TraceNode(
        kind="line",
        title=f"{told.statement} line {told.line}",
        facts=(
            ("billed", str(told.original)),
            ("corrected before", str(told.earlier)),
            ("re-rated", str(told.rerated)),
            *(
                (("facts then", f"{told.original_facts.count}, {told.original_facts.sha256}"),)
                if told.original_facts
                else ()
            ),
            *((("facts now", f"{told.facts.count}, {told.facts.sha256}"),) if told.facts else ()),
        ),
    )


def _terms(statement: Statement, line: StatementLine) -> TraceNode:
    ref = line.versions[-1] if line.versions else statement.versions[-1]
    return TraceNode(
        kind="file",
        title=f"{ref.file}:{ref.line}",
        facts=(("terms effective", ref.effective.isoformat()), ("commit", ref.commit or "not committed")),
    )


def _usage_node(fact: UsageFact, reader: TraceReader, outcomes: tuple[TraceNode, ...]) -> TraceNode:
    event = fact.event
    below: tuple[TraceNode, ...] = ()
    if fact.whose.session_id is not None:
        session = reader.session(fact.whose.session_id)
        if session is not None:
            below = (_session_node(session, reader),)
    elif fact.whose.partner is not None:
        below = (_no_session(fact),)
    return TraceNode(
        kind="usage",
        title=f"usage {event.source} {event.id}",
        facts=(
            ("type", event.type),
            ("time", instant_text(event.time)),
            ("received", instant_text(fact.received)),
            *((key, text_of(value)) for key, value in sorted(event.data.items())),
            *((c.action.value, c.id) for c in fact.corrections),
        ),
        children=(*outcomes, *below),
    )


def _no_session(fact: UsageFact) -> TraceNode:
    facts = (("partner", str(fact.whose.partner)), ("person", str(fact.whose.subject or "not known")))
    return TraceNode(kind="session", title="names no session", facts=facts)


def _session_node(session: AttributedSession | UnattributedSession, reader: TraceReader) -> TraceNode:
    login = reader.login(session.login_event)
    below = (_login_node(login, reader, ()),) if login is not None else ()
    match session:
        case AttributedSession():
            facts = [("partner", str(session.partner)), ("started", instant_text(session.started_at))]
            if session.ended_at is not None:
                facts.append(("ended", f"{instant_text(session.ended_at)}, {session.end_reason}"))
            if session.excluded is not None:
                facts.append(("not billed", EXCLUSION_RULES.get(session.excluded, session.excluded.value)))
        case UnattributedSession():
            facts = [
                ("partner", "none"),
                ("reason", UNATTRIBUTED_RULES.get(session.reason, session.reason.value)),
                ("started", instant_text(session.started_at)),
            ]
    return TraceNode(
        kind="session", title=f"session {session.session_id}", facts=tuple(facts), children=below
    )


def _login_node(fact: LoginFact, reader: TraceReader, outcomes: tuple[TraceNode, ...]) -> TraceNode:
    facts = [("time", instant_text(fact.time)), ("read", instant_text(fact.read))]
    if fact.subject:
        facts.append(("person", fact.subject))
    if fact.excluded:
        facts.append(("not billed", EXCLUSION_RULES.get(fact.excluded, fact.excluded)))
    provider = None if fact.alias is None or fact.error else reader.provider(fact.alias, fact.time)
    below = (_provider_node(provider),) if provider is not None else ()
    what = "failed login" if fact.error else "login" if fact.type == "LOGIN" else fact.type.lower()
    if fact.error:
        facts.append(("error", fact.error))
    return TraceNode(
        kind="login", title=f"{what} {fact.id}", facts=tuple(facts), children=(*outcomes, *below)
    )


def _provider_node(provider: ProviderFact) -> TraceNode:
    since = "the beginning" if provider.since is None else instant_text(provider.since)
    return TraceNode(
        kind="provider",
        title=f"provider {provider.alias}",
        facts=(("partner", provider.partner), ("known since", since)),
        children=(
            TraceNode(
                kind="file",
                title=provider.file,
                facts=(("commit", provider.commit or "not committed"), ("sha256", provider.sha256)),
            ),
        ),
    )


def _usage_outcome(fact: UsageFact, bills: Bills) -> TraceNode:
    if fact.event.action is not UsageAction.RECORD:
        return _not_billed(f"it corrects usage {fact.event.target}, which is billed as corrected")
    if fact.whose.partner is None:
        reason = fact.whose.reason
        return _not_billed(
            UNATTRIBUTED_RULES.get(reason, reason.value) if reason else "it waits for its login"
        )
    if fact.whose.excluded is not None:
        return _not_billed(EXCLUSION_RULES.get(fact.whose.excluded, fact.whose.excluded.value))
    documents = bills(fact.whose.partner, fact.event.time)
    if not documents:
        return _not_billed("no agreement was in force at its time")
    statement = documents[0]
    terms = _terms_at(statement, fact.event.time)
    metered = [
        c for c in terms.charges if isinstance(c.meter, UsageMeter) and c.meter.event == fact.event.type
    ]
    if not metered:
        return _not_billed(f"no charge of the agreement counts events of the type {fact.event.type}")
    reasons = {c.name: _why_not_counted(fact, c) for c in metered}
    names = [name for name, why in reasons.items() if why is None]
    if not names:
        return _not_billed("; ".join(f"{name}: {why}" for name, why in reasons.items()))
    return _billed(documents, fact.event.time, fact.received, names)


def _why_not_counted(fact: UsageFact, charge: Charge) -> str | None:
    series = series_of_charge(charge)
    if series is None:
        return "the charge is not metered by usage events"
    if fact.whose.excluded is not None:
        return EXCLUSION_RULES.get(fact.whose.excluded, fact.whose.excluded.value)
    effective = effective_event(fact.event, fact.corrections)
    if effective is None:
        return "it was voided"
    if series.split_of(effective.event.data) is None:
        wanted = ", ".join(f"{key}={value}" for key, value in series.where)
        return f"the charge counts only events with {wanted}"
    return aggregate_named(series.aggregate).why_unmeasured(effective.event.data, series.of)


def _login_outcomes(fact: LoginFact, reader: TraceReader, bills: Bills) -> tuple[TraceNode, ...]:
    if fact.error:
        return (_not_billed("a failed login counts for nothing"),)
    if fact.partner is None:
        reason = fact.reason or "no_provider"
        return (_not_billed(UNATTRIBUTED_RULES.get(reason, reason)),)
    if fact.excluded is not None:
        return (_not_billed(EXCLUSION_RULES.get(fact.excluded, fact.excluded)),)
    documents = bills(fact.partner, fact.time)
    if not documents:
        return (_not_billed("no agreement was in force at its time"),)
    statement = documents[0]
    terms = _terms_at(statement, fact.time)
    found = tuple(
        _login_charge(fact, charge, terms, documents, reader)
        for charge in terms.charges
        if isinstance(charge.meter, ActiveUsersMeter | LoginsMeter | SessionsMeter)
    )
    return found or (_not_billed("no charge of the agreement counts logins, sessions or users"),)


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
            return _not_billed(f"{charge.name}: the session was counted by its first login")
    if isinstance(charge.meter, ActiveUsersMeter):
        if "login" not in terms.active_user.by:
            return _not_billed(f"{charge.name}: users are active by {', '.join(terms.active_user.by)}")
        if fact.subject is not None:
            period = statement.period
            first = reader.first_logins(statement.partner, period.start, period.end, [fact.subject])
            known = first.get(fact.subject)
            if known is not None and known.id != fact.id:
                return _not_billed(f"{charge.name}: the person was counted once, by login {known.id}")
    return _billed(documents, fact.time, fact.read, [charge.name])


def _billed(
    documents: tuple[Statement, ...], at: datetime, known_since: datetime, names: list[str]
) -> TraceNode:
    statement, later = documents[0], documents[1:]
    lines = [x for x in statement.lines if x.name in names and x.start <= at < x.end and not x.corrects]
    if statement.final is not None and known_since > statement.final.at:
        corrected = [
            (s, x)
            for s in later
            for x in s.lines
            if x.kind is StatementLineKind.CORRECTION
            and x.corrects
            and x.name in names
            and x.corrects.statement == statement.number
        ]
        if not corrected:
            return _not_billed(
                f"it came after {statement.number} was final, and changes no amount of it so far"
            )
        return TraceNode(
            kind="billed",
            title="billed late: " + ", ".join(f"{s.number} line {x.number}, {x.name}" for s, x in corrected),
            facts=_state(corrected[0][0]),
        )
    return TraceNode(
        kind="billed",
        title="billed: " + ", ".join(f"{statement.number} line {x.number}, {x.name}" for x in lines),
        facts=_state(statement),
    )


def _state(statement: Statement) -> tuple[tuple[str, str], ...]:
    return (("statement", "final" if statement.final else "not final yet"),)


def _not_billed(why: str) -> TraceNode:
    return TraceNode(kind="not_billed", title=f"not billed: {why}")


def count_nodes(nodes: Iterable[TraceNode], kind: str) -> int:
    """How many nodes of a kind a trace has."""
    return sum((n.kind == kind) + count_nodes(n.children, kind) for n in nodes)
