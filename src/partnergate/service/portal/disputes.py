"""Disputes on the statement page: the partner disputes a line, the operator responds and closes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from partnergate.errors import UsageError
from partnergate.service.access import Need, needs
from partnergate.service.portal.actors import actor_of
from partnergate.service.portal.forms import FORM_SUBMISSION
from partnergate.service.portal.pages import HEADERS
from partnergate.service.problems import not_found
from partnergate.statements.disputes import DisputeEntry, EntryKind, credited_so_far, next_entry, opened
from partnergate.store.statements.disputes import StoredDisputes
from partnergate.store.statements.finalized import StoredStatements

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.responses import Response

    from partnergate.audit.actor import Actor
    from partnergate.service.api.tokens import Principal
    from partnergate.service.deps import ServiceDeps
    from partnergate.service.portal.forms import Submission
    from partnergate.statements.statement import Statement

_VERBS = {"answer": EntryKind.ANSWERED, "credit": EntryKind.CREDITED, "reject": EntryKind.REJECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry of a dispute."""

    at: str
    kind: str
    name: str
    message: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """A dispute about one line, with its entries."""

    id: str
    line: int
    line_name: str
    state: str
    is_open: bool
    entries: tuple[EntryView, ...]


def dispute_views(deps: ServiceDeps, statement: Statement) -> tuple[DisputeView, ...]:
    """Return the disputes about a statement, in the order in which they were opened."""
    known = StoredDisputes(deps.store, deps.environment).of_partner(statement.partner)
    return tuple(
        DisputeView(
            id=d.id,
            line=d.line,
            line_name=statement.lines[d.line - 1].name,
            state=d.state.value,
            is_open=d.is_open,
            entries=tuple(
                EntryView(
                    at=f"{e.at:%Y-%m-%d %H:%M} UTC",
                    kind=e.kind.value,
                    name=e.name,
                    message=e.words,
                    amount="" if e.amount is None else f"{e.amount} {statement.currency}",
                )
                for e in d.entries
            ),
        )
        for d in sorted((d for d in known if d.statement == statement.number), key=lambda d: d.entries[0].at)
    )


def dispute_routes(deps: ServiceDeps) -> APIRouter:
    """Return the routes. Partners and operators open disputes; operators respond to them."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())
    statement_path = "/partners/{partner}/statements/{number}"

    @router.post(statement_path + "/disputes")
    def open_dispute(
        partner: str,
        number: str,
        principal: Any = needs(Need.PARTNER),  # noqa: B008
        submission: Any = FORM_SUBMISSION,
    ) -> Response:
        entry = _entry(EntryKind.OPENED, submission, principal, deps.clock())
        return _open(deps, partner, number, submission.field("line"), entry, by=actor_of(principal))

    @router.post(statement_path + "/disputes/{dispute}/{verb}")
    def respond(  # noqa: PLR0917 - the parts of the path, and two dependencies
        partner: str,
        number: str,
        dispute: str,
        verb: str,
        principal: Any = needs(Need.OPERATOR),  # noqa: B008
        submission: Any = FORM_SUBMISSION,
    ) -> Response:
        kind = _VERBS.get(verb)
        if kind is None:
            raise not_found()
        entry = _entry(kind, submission, principal, deps.clock())
        return _respond(deps, _statement(deps, partner, number), dispute, entry, by=actor_of(principal))

    return router


def _open(
    deps: ServiceDeps, partner: str, number: str, line: str, entry: DisputeEntry, *, by: Actor
) -> Response:
    statement = _statement(deps, partner, number)
    kept = StoredDisputes(deps.store, deps.environment)
    if not (line.isascii() and line.isdigit() and len(line) < 6):  # noqa: PLR2004 - no statement is longer
        raise UsageError("the line number is missing or not valid")
    kept.append(opened(statement, int(line), entry, kept.of_partner(partner)), by=by)
    return _back(partner, number)


def _respond(
    deps: ServiceDeps, statement: Statement, dispute: str, entry: DisputeEntry, *, by: Actor
) -> Response:
    kept = StoredDisputes(deps.store, deps.environment)
    known = kept.of_partner(statement.partner)
    found = next((d for d in known if d.id == dispute and d.statement == statement.number), None)
    if found is None:
        raise not_found()
    new = next_entry(
        found,
        entry,
        currency=statement.currency,
        billed=statement.lines[found.line - 1].amount,
        credited=credited_so_far(found, known),
    )
    kept.append(replace(found, entries=(*found.entries, new)), by=by)
    return _back(statement.partner, statement.number)


def _statement(deps: ServiceDeps, partner: str, number: str) -> Statement:
    document = StoredStatements(deps.store, deps.environment).document(number)
    if document is None or document.statement.partner != partner:
        raise not_found()
    return document.statement


def _entry(kind: EntryKind, submission: Submission, author: Principal, at: datetime) -> DisputeEntry:
    """Return the entry. Its author comes from the access token, never from the form."""
    return DisputeEntry(
        at=at,
        kind=kind,
        name=author.actor,
        words=submission.field("words"),
        amount=_amount(submission.field("amount")),
    )


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise UsageError(
            f'"{text[:40]}" is not an amount', advice="use digits with a decimal point, such as 12.50"
        )
    return amount


def _back(partner: str, number: str) -> Response:
    return RedirectResponse(f"/partners/{partner}/statements/{number}#disputes", 303, headers=HEADERS)
