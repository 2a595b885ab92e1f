"""``GET /v1/partners/{partner}/quantities``: the usage of a partner in a period."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from partnergate.errors import UsageError
from partnergate.model.days import FIRST_DAY, LAST_DAY, first_instant
from partnergate.service.access import Need, needs
from partnergate.service.api.usage_report import report_json, usage_report
from partnergate.service.problems import HttpProblem, documented, not_found

if TYPE_CHECKING:
    from partnergate.model.agreement import Agreement
    from partnergate.service.api.usage_report import UsageReport
    from partnergate.service.deps import ServiceDeps

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def quantities_routes(deps: ServiceDeps) -> APIRouter:
    """Return the route, for operators and the partner itself."""
    router = APIRouter(
        prefix="/v1/partners", tags=["quantities"], route_class=deps.work.reports.route_class()
    )

    @router.get(
        "/{partner}/quantities",
        dependencies=[needs(Need.PARTNER)],
        summary="Usage of a partner in a period",
        responses=documented(
            s401="The token is missing or not valid.",
            s404="The partner does not exist for this token, or has no agreement in force at that time.",
            s422="The period is not a month or a day.",
            s503="The store or the realm's signing keys are not available.",
        ),
    )
    def quantities(
        partner: str,
        period: Annotated[
            str | None,
            Query(
                description="A month (2026-10) or a day in the period (2026-10-15). Default: current period."
            ),
        ] = None,
    ) -> dict[str, Any]:
        report = partner_report(deps, partner, period, deps.clock())
        if report is None:
            raise HttpProblem(404, "the partner has no agreement in force at that time")
        return report_json(report)

    return router


def partner_report(deps: ServiceDeps, partner: str, period: str | None, now: datetime) -> UsageReport | None:
    """Return the usage report; None when no agreement is in force. Raises a ``HttpProblem``."""
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
        raise HttpProblem(422, error.what) from error
    return usage_report(deps.usage.reader(deps.realm), named, agreements, instant)


def current_agreements(deps: ServiceDeps, partner: str) -> tuple[Agreement, ...]:
    """Return the agreements of the current partner file."""
    return deps.usage.agreements(deps.realm, partner)


def named_instant(period: str, time_zone: str) -> datetime:
    """Return the start of a day or month in ``time_zone``. Raises ``UsageError``."""
    month = _MONTH.fullmatch(period)
    try:
        day = date(int(month[1]), int(month[2]), 1) if month else date.fromisoformat(period)
    except ValueError as error:
        raise UsageError(
            f'"{period[:40]}" is not a period', advice="use the format 2026-10 or 2026-10-15"
        ) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise UsageError(f'"{period[:40]}" is not between {FIRST_DAY} and {LAST_DAY}')
    return first_instant(day, time_zone)
