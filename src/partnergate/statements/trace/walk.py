"""Traces of a bill in both directions.

From a line to its records, and from each record through its session and login to the provider and
the partner file. From a login, session, or usage event to the line that bills it, or the reason why
no line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from partnergate.model.agreement import ActiveUsersMeter, Charge, LoginsMeter, SessionsMeter, UsageMeter
from partnergate.model.decimals import decimal_text
from partnergate.model.instants import instant_text
from partnergate.statements.trace.node import TraceNode, excluded
from partnergate.statements.trace.record_nodes import login_node, session_node, usage_node
from partnergate.statements.trace.record_outcome import exclusion_of, login_outcomes, terms_at, usage_outcome

if TYPE_CHECKING:
    from partnergate.metering.usage import FactSet
    from partnergate.statements.statement import Statement, StatementLine
    from partnergate.statements.trace.facts import LoginFact, TraceReader, UsageFact
    from partnergate.statements.trace.record_outcome import Bills


def trace_line(
    statement: Statement, number: int, reader: TraceReader, *, offset: int = 0, limit: int = 10
) -> TraceNode:
    """Return a line with the records that it counts below it, ``limit`` of them from ``offset`` on."""
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
        details=(
            ("amount", f"{line.amount} {statement.currency}"),
            ("quantity", decimal_text(line.quantity)),
            ("period", f"{instant_text(line.rated.start)} to {instant_text(line.rated.end)}"),
            *_record_set("billable records", line.facts),
        ),
        children=children,
    )


def trace_usage(fact: UsageFact, reader: TraceReader, bills: Bills) -> TraceNode:
    """Return a usage event with the lines that billed it, and its session, login, and partner file."""
    outcome = usage_outcome(fact, bills)
    return usage_node(fact, reader, (outcome,))


def trace_login(fact: LoginFact, reader: TraceReader, bills: Bills) -> TraceNode:
    """Return a login event with the lines that billed it, and its provider and partner file."""
    return login_node(fact, reader, login_outcomes(fact, reader, bills))


def trace_session(session_id: str, reader: TraceReader, bills: Bills) -> TraceNode | None:
    """Return a session with the lines that billed its login; none if the session is unknown."""
    session = reader.session(session_id)
    if session is None:
        return None
    node = session_node(session, reader)
    login = reader.login(session.login_event)
    outcomes = login_outcomes(login, reader, bills) if login is not None else ()
    return TraceNode(
        kind=node.kind, title=node.title, details=node.details, children=(*outcomes, *node.children)
    )


def _charge_of(statement: Statement, line: StatementLine) -> Charge | None:
    terms = terms_at(statement, line.rated.start)
    return next((c for c in terms.charges if c.name == line.name), None)


def _counted(
    statement: Statement,
    line: StatementLine,
    charge: Charge,
    reader: TraceReader,
    *,
    offset: int,
    limit: int,
) -> tuple[TraceNode, ...]:
    start, end = line.rated.start, line.rated.end
    match charge.meter:
        case UsageMeter():
            usage = reader.usage_of(
                statement.partner, charge.meter.event, start, end, offset=offset, limit=limit
            )
            return tuple(usage_node(f, reader, _left_out(f, charge)) for f in usage)
        case ActiveUsersMeter():
            people = reader.people_of(statement.partner, start, end, offset=offset, limit=limit)
            return tuple(login_node(f, reader, ()) for f in people)
        case LoginsMeter() | SessionsMeter():
            logins = reader.logins_of(statement.partner, start, end, offset=offset, limit=limit)
            return tuple(login_node(f, reader, ()) for f in logins)
        case None:
            return ()
        case _:
            assert_never(charge.meter)


def _left_out(fact: UsageFact, charge: Charge) -> tuple[TraceNode, ...]:
    why = exclusion_of(fact, charge)
    return (excluded(why),) if why else ()


def _more(line: StatementLine, offset: int, shown: int) -> tuple[TraceNode, ...]:
    count = line.facts.count if line.facts else 0
    if line.facts is None or offset + shown >= count:
        return ()
    return (TraceNode(kind="more", title=f"{offset + 1} to {offset + shown} of {count} billable records"),)


def _corrected(line: StatementLine) -> TraceNode:
    change = line.corrects
    if change is None:
        raise ValueError("the line amends no other line")
    return TraceNode(
        kind="line",
        title=f"{change.statement} line {change.line}",
        details=(
            ("billed", str(change.original)),
            ("corrected earlier", str(change.earlier)),
            ("re-rated", str(change.rerated)),
            *(
                (
                    (
                        "billable records before",
                        f"{change.original_facts.count}, {change.original_facts.sha256}",
                    ),
                )
                if change.original_facts
                else ()
            ),
            *(
                (("billable records now", f"{change.facts.count}, {change.facts.sha256}"),)
                if change.facts
                else ()
            ),
        ),
    )


def _record_set(label: str, records: FactSet | None) -> tuple[tuple[str, str], ...]:
    return () if records is None else ((label, f"{records.count}, {records.sha256}"),)


def _terms(statement: Statement, line: StatementLine) -> TraceNode:
    ref = line.rated.version if line.rated.versions else statement.versions[-1]
    return TraceNode(
        kind="file",
        title=f"{ref.file}:{ref.line}",
        details=(("terms effective", ref.effective.isoformat()), ("commit", ref.commit or "not committed")),
    )
