"""``partnergate trace``: from a line to its facts, and from a fact to the line that billed it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.statement import Statement
    from partnergate.statements.trace.facts import TraceReader
    from partnergate.statements.trace.walk import TraceNode

_LINE = re.compile(r"(?P<number>.+-\d{4}-\d{2}-\d{2}(?:-\d+)?(?:-credit)?):(?P<line>\d+|.+)")


@click.command(name="trace")
@click.argument("what")
@click.option("--source", help="The source of the usage event, where its id is not enough.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip this many facts of a line.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Facts of a line.")
@click.option("--json", "as_json", is_flag=True, help="The whole trace as JSON.")
@store_options
def command(what: str, *, source: str | None, offset: int, limit: int, as_json: bool, where: Where) -> None:
    """Trace WHAT: a line (NUMBER:LINE), a usage event's id, a login event's id or a session's id.

    NUMBER is a statement's, final or not, such as acme-2026-10-01; LINE is the line's number or its
    name. A line goes down to the usage events and logins it counts, their sessions and logins, the
    provider and the partner file. A fact goes to the line that billed it, or to the reason that none did.
    """
    from partnergate.cli.statement.access import open_statements
    from partnergate.errors import StatementError
    from partnergate.store.statements.trace import StoredTrace

    with open_statements(where) as access:
        reader = StoredTrace(access.store, access.workspace.realm.realm)
        match = _LINE.fullmatch(what)
        if match is not None:
            nodes: tuple[TraceNode, ...] = (
                _of_line(access, reader, match["number"], match["line"], (offset, limit)),
            )
        else:
            access.facts.attribute_pending()
            nodes = _of_fact(access, reader, what, source)
        if not nodes:
            raise StatementError(
                f"nothing of this environment is called {what}",
                advice="give NUMBER:LINE, or the id of a usage event, a login event or a session",
            )
        for node in nodes:
            _show(node, as_json=as_json)


def _of_line(
    access: StatementAccess, reader: TraceReader, number: str, line: str, page: tuple[int, int]
) -> TraceNode:
    from partnergate.errors import StatementError
    from partnergate.statements.trace.walk import trace_line

    statement = statement_named(access, number)
    wanted = int(line) if line.isdigit() else next((x.number for x in statement.lines if x.name == line), 0)
    if not 1 <= wanted <= len(statement.lines):
        names = ", ".join(f"{x.number} {x.name}" for x in statement.lines)
        raise StatementError(f"{number} has no line {line}", advice=f"lines: {names}")
    return trace_line(statement, wanted, reader, offset=page[0], limit=page[1])


def statement_named(access: StatementAccess, number: str) -> Statement:
    """A final statement by its number, or the draft that will have it."""
    from partnergate.cli.statement.access import chosen_period, now
    from partnergate.errors import StatementError
    from partnergate.statements.draft import draft

    document = access.statements.document(number)
    if document is not None:
        return document.statement
    match = re.fullmatch(r"(.+?)-(\d{4}-\d{2}-\d{2})(?:-\d+)?", number)
    if match is None:
        raise StatementError(f"{number} is not the number of a statement")
    account = access.account(match[1])
    return draft(access.facts, account, chosen_period(account, match[2], now()), now=now()).statement


def _of_fact(
    access: StatementAccess, reader: TraceReader, what: str, source: str | None
) -> tuple[TraceNode, ...]:
    from partnergate.statements.trace.walk import trace_login, trace_session, trace_usage

    bills = _bills(access)
    found = [trace_usage(f, reader, bills) for f in reader.usage_event(what, source)]
    if source is None:
        login = reader.login(what)
        if login is not None:
            found.append(trace_login(login, reader, bills))
        session = trace_session(what, reader, bills)
        if session is not None:
            found.append(session)
    return tuple(found)


def _bills(access: StatementAccess) -> Callable[[str, datetime], tuple[Statement, ...]]:
    from partnergate.cli.statement.access import now
    from partnergate.errors import StatementError
    from partnergate.statements.draft import draft, next_period, period_at

    at = now()

    def bills(partner: str, instant: datetime) -> tuple[Statement, ...]:
        account = access.account(partner)
        try:
            period = period_at(account, instant)
        except StatementError:
            return ()
        statement = draft(access.facts, account, period, now=at).statement
        if statement.final is None:
            return (statement,)
        later = [s for s in account.live if s.final and s.final.sequence > statement.final.sequence]
        upcoming = next_period(account)
        if upcoming is not None:
            later.append(draft(access.facts, account, upcoming, now=at).statement)
        return (statement, *later)

    return bills


def _show(node: TraceNode, *, as_json: bool) -> None:
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.rendering.statement.trace import trace_json, trace_tree

    if as_json:
        click.echo(trace_json(node), nl=False)
        return
    Console(width=terminal_width(), highlight=False).print(trace_tree(node))
