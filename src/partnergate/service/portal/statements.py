"""The statement pages: the list of a partner, one statement in every format, and line traces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from partnergate.errors import StatementError
from partnergate.rendering.statement.csv import statement_csv
from partnergate.rendering.statement.html import statement_fragment
from partnergate.rendering.statement.pdf import statement_pdf
from partnergate.rendering.statement.view import statement_view
from partnergate.service.access import Need, is_operator, needs
from partnergate.service.portal.accounts import account_of, facts_of
from partnergate.service.portal.disputes import DisputeView, dispute_views
from partnergate.service.portal.pages import HEADERS, page
from partnergate.service.problems import not_found
from partnergate.statements.account import next_and_running, period_at
from partnergate.statements.document import statement_file
from partnergate.statements.draft import draft
from partnergate.statements.lifecycle import State
from partnergate.statements.trace.walk import trace_line
from partnergate.statements.unattributed import unattributed_usage
from partnergate.store.statements.trace import StoredTrace

if TYPE_CHECKING:
    from markupsafe import Markup

    from partnergate.service.deps import ServiceDeps
    from partnergate.statements.account import Account
    from partnergate.statements.draft import Drafted
    from partnergate.statements.lifecycle import StatementStatus
    from partnergate.statements.seal import Seal
    from partnergate.statements.statement import Statement
    from partnergate.statements.trace.node import TraceNode
    from partnergate.statements.unattributed import UnattributedCount

_PAGE = 50
_MOST_FACTS = 1_000_000_000
"""Above every number of billable records; the database takes no larger offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A row of the statement list."""

    number: str
    state: str
    period: str
    total: str
    incomplete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsView:
    """The view of ``statements.html``."""

    environment: str
    partner: str
    name: str
    rows: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPageView:
    """The view of ``statement.html``."""

    environment: str
    partner: str
    number: str
    body: Markup
    is_final: bool
    """Whether the statement is finalized. Only then can lines be disputed."""
    is_operator: bool
    author: str
    """The author that a new entry of a dispute gets."""
    lines: tuple[tuple[int, str], ...]
    disputes: tuple[DisputeView, ...]
    unattributed: tuple[UnattributedCount, ...]
    """Of the whole environment in the period; set for operators only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """The view of ``statement_trace.html``."""

    environment: str
    partner: str
    number: str
    line: int
    node: TraceNode
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    statement: Statement
    standing: StatementStatus | None
    seal: Seal | None


def statement_routes(deps: ServiceDeps) -> APIRouter:
    """Return ``/partners/{partner}/statements`` and the routes below it."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())
    below = "/partners/{partner}/statements"

    @router.get(below, dependencies=[needs(Need.PARTNER)])
    def statements(partner: str) -> Response:
        return page("statements.html", statements_view(deps, partner, deps.clock()))

    @router.get(below + "/{number}.{kind}", dependencies=[needs(Need.PARTNER)])
    def file(partner: str, number: str, kind: str) -> Response:
        return _file(_found(deps, partner, number, deps.clock()), kind)

    @router.get(below + "/{number}")
    def statement(partner: str, number: str, principal: Any = needs(Need.PARTNER)) -> Response:  # noqa: B008
        view = statement_page_view(
            deps, partner, number, deps.clock(), operator=is_operator(principal), author=principal.actor
        )
        return page("statement.html", view)

    @router.get(below + "/{number}/lines/{line}", dependencies=[needs(Need.PARTNER)])
    def trace(partner: str, number: str, line: int, offset: int = 0) -> Response:
        at = deps.clock()
        return page(
            "statement_trace.html",
            trace_view(deps, partner, number, line, offset=min(max(0, offset), _MOST_FACTS), now=at),
        )

    return router


def statements_view(deps: ServiceDeps, partner: str, now: datetime) -> StatementsView:
    """Return a partner's finalized statements, the next draft, and the draft of the current period."""
    account = account_of(deps, partner)
    found = [_final(account, number) for number in (d.statement.number for d in account.chain)]
    for period in next_and_running(account, now):
        drafted = draft(facts_of(deps), account, period, now=now)
        found.append(_Found(statement=drafted.statement, standing=drafted.standing, seal=None))
    return StatementsView(
        environment=deps.environment,
        partner=partner,
        name=account.partner.name,
        rows=tuple(_row(f) for f in reversed(found) if f is not None),
    )


def statement_page_view(
    deps: ServiceDeps, partner: str, number: str, now: datetime, *, operator: bool, author: str
) -> StatementPageView:
    """Return one statement with trace links and disputes."""
    found = _found(deps, partner, number, now)
    view = statement_view(found.statement, standing=found.standing, seal=found.seal)
    period = found.statement.period
    above = f"/partners/{partner}/statements/{number}/lines"
    links = {line.number: f"{above}/{line.number}" for line in found.statement.lines}
    return StatementPageView(
        environment=deps.environment,
        partner=partner,
        number=number,
        body=statement_fragment(view, trace_links=links),
        is_final=found.statement.final is not None,
        is_operator=operator,
        author=author,
        lines=tuple((line.number, line.name) for line in found.statement.lines),
        disputes=dispute_views(deps, found.statement),
        unattributed=unattributed_usage(facts_of(deps), period.start, period.end) if operator else (),
    )


def trace_view(
    deps: ServiceDeps, partner: str, number: str, line: int, *, offset: int, now: datetime
) -> TraceView:
    """Return the trace of one line with one page of its billable records."""
    statement = _found(deps, partner, number, now).statement
    if not 1 <= line <= len(statement.lines):
        raise not_found()
    node = trace_line(statement, line, StoredTrace(deps.store, deps.realm), offset=offset, limit=_PAGE)
    facts = statement.lines[line - 1].facts
    more = facts is not None and offset + _PAGE < facts.count
    return TraceView(
        environment=deps.environment,
        partner=partner,
        number=number,
        line=line,
        node=node,
        before=max(0, offset - _PAGE) if offset else None,
        after=offset + _PAGE if more else None,
    )


def _found(deps: ServiceDeps, partner: str, number: str, now: datetime) -> _Found:
    account = account_of(deps, partner)
    known = _final(account, number)
    if known is not None:
        return known
    drafted = _drafted(deps, account, number, now)
    if drafted is None or drafted.statement.number != number:
        raise not_found()
    return _Found(statement=drafted.statement, standing=drafted.standing, seal=None)


def statement_of_number(deps: ServiceDeps, partner: str, number: str, now: datetime) -> Statement:
    """Return the finalized statement with this number, or the draft that will have it."""
    return _found(deps, partner, number, now).statement


def _drafted(deps: ServiceDeps, account: Account, number: str, now: datetime) -> Drafted | None:
    """Return the draft with this number. The number contains the first day of the period."""
    from partnergate.model.days import FIRST_DAY, LAST_DAY, first_instant  # noqa: PLC0415

    text = number.removeprefix(f"{account.partner.partner}-")[:10]
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local day
        if not FIRST_DAY <= day <= LAST_DAY:
            return None
        zone = account.partner.agreements[0].time_zone
        period = period_at(account, first_instant(day, zone))
    except (ValueError, IndexError, StatementError):
        return None
    return draft(facts_of(deps), account, period, now=now) if period.start <= now else None


def _final(account: Account, number: str) -> _Found | None:
    from partnergate.statements.lifecycle import StatementStatus  # noqa: PLC0415

    document = next((d for d in account.chain if d.statement.number == number), None)
    if document is None or document.statement.final is None:
        return None
    void = any(d.statement.voids and d.statement.voids.statement == number for d in account.chain)
    standing = StatementStatus(
        state=State.VOID if void else State.FINALIZED,
        final_from=document.statement.final.at,
        grace_over=True,
        incomplete=document.statement.incomplete,
    )
    return _Found(statement=document.statement, standing=standing, seal=document.seal)


def _row(found: _Found) -> StatementRow:
    view = statement_view(found.statement, standing=found.standing)
    return StatementRow(
        number=view.number,
        state=view.state,
        period=view.period,
        total=view.total,
        incomplete=bool(view.incomplete),
    )


def _file(found: _Found, kind: str) -> Response:
    content: Any
    view = statement_view(found.statement, standing=found.standing, seal=found.seal)
    match kind:
        case "json":
            content, media = statement_file(found.statement, found.seal), "application/json"
        case "csv":
            content, media = statement_csv((found.statement,)), "text/csv; charset=utf-8"
        case "pdf":
            content, media = statement_pdf(view), "application/pdf"
        case _:
            raise not_found()
    named = {"Content-Disposition": f'attachment; filename="{found.statement.number}.{kind}"'}
    return Response(content, media_type=media, headers=HEADERS | named)
