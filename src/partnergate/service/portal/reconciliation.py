"""The reconciliation page for operators: compares the partner's CSV with a statement line.

The CSV is the request body (``text/csv``) or the text field of the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from partnergate.errors import UsageError
from partnergate.rendering.statement import reconciliation as rendering
from partnergate.service.access import Need, needs
from partnergate.service.portal.accounts import account_of
from partnergate.service.portal.forms import FILE_SUBMISSION
from partnergate.service.portal.pages import HEADERS, page
from partnergate.service.portal.statements import statement_of_number
from partnergate.statements.reconciliation.host_side import host_side, metered_lines
from partnergate.statements.reconciliation.mapping import mapping_json, mapping_of, require_names
from partnergate.statements.reconciliation.partner_csv import csv_rows
from partnergate.statements.reconciliation.times import DAY_FIRST, MONTH_FIRST
from partnergate.store.statements.records import StoredRecords

if TYPE_CHECKING:
    from markupsafe import Markup

    from partnergate.service.deps import ServiceDeps
    from partnergate.service.portal.forms import Submission
    from partnergate.statements.statement import Statement

_FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationForm:
    """The view of ``reconciliation.html``: the form and, after a comparison, the result."""

    environment: str
    partner: str
    number: str
    lines: tuple[str, ...]
    line: str
    records: str
    mapping: str
    result: Markup | None


def reconciliation_routes(deps: ServiceDeps) -> APIRouter:
    """Return ``/partners/{partner}/statements/{number}/reconciliation``."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())
    path = "/partners/{partner}/statements/{number}/reconciliation"

    @router.get(path, dependencies=[needs(Need.OPERATOR)])
    def form(partner: str, number: str) -> Response:
        statement = statement_of_number(deps, partner, number, deps.clock())
        return page("reconciliation.html", _form(deps, statement))

    @router.post(path, dependencies=[needs(Need.OPERATOR)])
    def result(partner: str, number: str, submission: Any = FILE_SUBMISSION) -> Response:
        return _reconciled(deps, statement_of_number(deps, partner, number, deps.clock()), submission)

    return router


def _reconciled(deps: ServiceDeps, statement: Statement, submission: Submission) -> Response:
    content = submission.field("records").encode() if submission.is_form else submission.body
    kind = submission.field("format") or "html"
    if kind != "html" and kind not in _FORMATS:
        raise UsageError(f'unknown format "{kind}"', advice="use html, csv or json")
    head, rows = csv_rows(content)
    account = account_of(deps, statement.partner)
    line = submission.field("line") or None
    side = host_side(StoredRecords(deps.store, deps.realm), account, statement, line)
    given = submission.field("mapping")
    order = submission.field("date_order")
    if order not in ("", DAY_FIRST, MONTH_FIRST):
        raise UsageError(f'unknown date_order "{order}"', advice=f"use {DAY_FIRST} or {MONTH_FIRST}")
    mapping = mapping_of(given, head) if given else side.guess(head, rows, order=order)
    require_names(mapping, head)
    result = side.reconcile(rows, mapping)
    view = rendering.reconciliation_view(
        result,
        title=f"{statement.number}, {side.name}, compared with the partner's file",
        currency=statement.currency,
        mapping=rendering.mapping_pairs(mapping),
    )
    if kind == "html":
        shown = _form(
            deps,
            statement,
            line=side.name,
            records=content.decode("utf-8", "replace") if submission.is_form else "",
            mapping=mapping_json(mapping),
            result=rendering.reconciliation_fragment(view),
        )
        return page("reconciliation.html", shown)
    parts = (
        rendering.reconciliation_csv(result) if kind == "csv" else rendering.reconciliation_json(result, view)
    )
    named = {"Content-Disposition": f'attachment; filename="{statement.number}-reconciliation.{kind}"'}
    return Response("".join(parts), media_type=_FORMATS[kind], headers=HEADERS | named)


def _form(
    deps: ServiceDeps,
    statement: Statement,
    *,
    line: str = "",
    records: str = "",
    mapping: str = "",
    result: Markup | None = None,
) -> ReconciliationForm:
    return ReconciliationForm(
        environment=deps.environment,
        partner=statement.partner,
        number=statement.number,
        lines=tuple(dict.fromkeys(x.name for x in metered_lines(statement))),
        line=line,
        records=records,
        mapping=mapping,
        result=result,
    )
