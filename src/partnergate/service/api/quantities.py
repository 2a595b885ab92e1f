"""``GET /v1/partners/{partner}/quantities``: what a partner used in a period."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from partnergate.errors import UsageError
from partnergate.model.days import first_instant
from partnergate.service.access import Need, needs
from partnergate.service.api.usage_report import report_json, usage_report
from partnergate.service.problems import Problem, documented, not_found

if TYPE_CHECKING:
    from partnergate.model.agreement import Agreement
    from partnergate.service.api.usage_report import UsageReport
    from partnergate.service.deps import ServiceDeps

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def quantities_routes(deps: ServiceDeps) -> APIRouter:
    """The route, for the operator and for the partner itself."""
    router = APIRouter(prefix="/v1/partners", tags=["quantities"])

    @router.get(
        "/{partner}/quantities",
        dependencies=[needs(Need.PARTNER)],
        summary="What a partner used in one of its periods",
        responses=documented(
            s401="No valid token of the realm.",
            s404="No such partner for this token, or no agreement in force then.",
            s422="The period is neither a month nor a day.",
            s503="The store or the realm's keys cannot be reached.",
        ),
    )
    def quantities(
        partner: str,
        period: Annotated[
            str | None,
            Query(description="A month, 2026-10, or a day in the period, 2026-10-15; now when left out."),
        ] = None,
    ) -> dict[str, Any]:
        report = partner_report(deps, partner, period, deps.clock())
        if report is None:
            raise Problem(404, "no agreement is in force then")
        return report_json(report)

    return router


def partner_report(deps: ServiceDeps, partner: str, period: str | None, now: datetime) -> UsageReport | None:
    """The report of a recorded partner; a ``Problem`` when there is none."""
    terms = deps.usage.terms(deps.realm)
    named = next((p for p in terms.agreements if p == partner), None)
    if named is None:
        raise not_found()
    agreements = current_agreements(deps, partner)
    if not agreements:
        return None
    try:
        instant = now if period is None else named_instant(period, agreements[0].time_zone)
    except UsageError as error:
        raise Problem(422, error.what) from error
    return usage_report(deps.usage.reader(deps.realm), named, agreements, instant)


def current_agreements(deps: ServiceDeps, partner: str) -> tuple[Agreement, ...]:
    """The agreements that the partner's file has now."""
    return deps.usage.agreements(deps.realm, partner)


def named_instant(period: str, time_zone: str) -> datetime:
    """The first instant of the day or month that a person named, on the partner's clock."""
    month = _MONTH.fullmatch(period)
    try:
        day = date(int(month[1]), int(month[2]), 1) if month else date.fromisoformat(period)
    except ValueError as error:
        raise UsageError(f'"{period[:40]}" is not a period', advice="give 2026-10 or 2026-10-15") from error
    return first_instant(day, time_zone)
