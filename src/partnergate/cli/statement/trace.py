"""``partnergate trace``: follows a line to its billable records, and a record to its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.statement import Statement
    from partnergate.statements.trace.facts import TraceReader
    from partnergate.statements.trace.node import TraceNode

_LINE = re.compile(r"(?P<number>.+-\d{4}-\d{2}-\d{2}(?:-\d+)?(?:-credit)?):(?P<line>\d+|.+)")


@click.command(name="trace", cls=Command)
@click.argument("what")
@click.option("--source", help="Source of the usage event, if its ID is not unique.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Number of billable records to skip.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Number of billable records to show.",
)
@format_option("text", "json")
@store_options
def command(what: str, *, source: str | None, offset: int, limit: int, kind: str, where: Where) -> None:
    """Trace WHAT: a line (NUMBER:LINE), or the ID of a usage event, a login event or a session.

    NUMBER is the number of a statement, finalized or not, such as acme-2026-10-01. LINE is the number
    or the name of the line. For a line, the trace shows the usage events and logins that it counts,
    their sessions, the provider and the partner file. For a record, it shows the line that billed
    it, or the reason why no line did.
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
            nodes = _of_record(access, reader, what, source)
        if not nodes:
            raise StatementError(
                f"no line, event or session of this environment is {what}",
                advice="pass NUMBER:LINE, or the ID of a usage event, a login event or a session",
            )
        for node in nodes:
            _show(node, kind)


def _of_line(
    access: StatementAccess, reader: TraceReader, number: str, line: str, page: tuple[int, int]
) -> TraceNode:
    from partnergate.errors import StatementError
    from partnergate.statements.trace.walk import trace_line

    statement = statement_named(access, number)
    wanted = int(line) if line.isdigit() else next((x.number for x in statement.lines if x.name == line), 0)
    if not 1 <= wanted <= len(statement.lines):
        names = ", ".join(f"{x.number} {x.name}" for x in statement.lines)
        raise StatementError(f"statement {number} has no line {line}", advice=f"lines: {names}")
    return trace_line(statement, wanted, reader, offset=page[0], limit=page[1])


def statement_named(access: StatementAccess, number: str) -> Statement:
    """The finalized statement with that number, or the draft that will have it."""
    from partnergate.cli.statement.access import chosen_period
    from partnergate.errors import StatementError
    from partnergate.statements.draft import draft

    document = access.statements.document(number)
    if document is not None:
        return document.statement
    match = re.fullmatch(r"(.+?)-(\d{4}-\d{2}-\d{2})(?:-\d+)?", number)
    if match is None:
        raise StatementError(f"{number} is not a statement number")
    account = access.account(match[1])
    return draft(access.facts, account, chosen_period(account, match[2], now()), now=now()).statement


def _of_record(
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
    from partnergate.cli.clock import now
    from partnergate.errors import StatementError
    from partnergate.statements.account import next_period, period_at
    from partnergate.statements.draft import draft

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


def _show(node: TraceNode, kind: str) -> None:
    from rich.console import Console

    from partnergate.cli.statement.access import terminal_width
    from partnergate.rendering.statement.trace import trace_json, trace_tree

    if kind == "json":
        click.echo(trace_json(node), nl=False)
        return
    Console(width=terminal_width(), highlight=False).print(trace_tree(node))
