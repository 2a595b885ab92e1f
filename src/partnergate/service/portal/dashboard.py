"""The partner list for operators, and the page of one partner with its quantities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from partnergate.metering.excluded_share import excluded_share, share_text
from partnergate.model.days import local_date
from partnergate.model.event_data import text_of
from partnergate.model.partner import PartnerId
from partnergate.service.access import Need, needs
from partnergate.service.api.quantities import partner_report
from partnergate.service.portal.identity_quality import IdentityPanels
from partnergate.service.portal.pages import page
from partnergate.service.problems import not_found
from partnergate.store.sessions.quality import time_zone_of
from partnergate.store.usage.overview import (
    PartnerActivity,
    partner_activity,
    realm_health,
    unattributed_counts,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.service.api.usage_report import UsageReport
    from partnergate.service.deps import ServiceDeps
    from partnergate.service.portal.identity_quality import IdentityPanel
    from partnergate.store.usage.overview import UnattributedActivity

_WINDOW = timedelta(days=30)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A row of the partner list."""

    partner: str
    name: str
    stage: str
    logins: int
    sessions: int
    users: int
    usage_events: int
    excluded: int
    excluded_share: str
    """The percentage of the usage events that are excluded; empty without usage events."""
    last_seen: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardView:
    """The view of ``dashboard.html``."""

    environment: str
    realm: str
    since: str
    until: str
    gaps: int
    complete: bool
    partners: tuple[PartnerRow, ...]
    unattributed: tuple[UnattributedActivity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRow:
    """A quantity on a partner's page."""

    meter: str
    dimensions: str
    value: str
    records: int
    """Number of billable records."""
    excluded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousPeriod:
    """The period before the one that starts today."""

    period: str
    time_zone: str
    quantities: tuple[QuantityRow, ...]
    identity: IdentityPanel


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerView:
    """The view of ``partner.html``."""

    environment: str
    partner: str
    name: str
    stage: str
    period: str | None
    time_zone: str
    quantities: tuple[QuantityRow, ...]
    identity: IdentityPanel
    excluded_share: str
    """The percentage of the period's records that are excluded; empty without records."""
    starts_today: bool
    """Whether today is the first day of the period in the partner's time zone."""
    previous: PreviousPeriod | None
    """The previous period, on the first day of a period; None when there was none."""


def dashboard_routes(deps: ServiceDeps) -> APIRouter:
    """Return ``/`` and ``/partners/{partner}``."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())
    panels = IdentityPanels(store=deps.store, realm=deps.realm)

    @router.get("/", dependencies=[needs(Need.OPERATOR)])
    def dashboard() -> Response:
        return page("dashboard.html", dashboard_view(deps, deps.clock()))

    @router.get("/partners/{partner}", dependencies=[needs(Need.PARTNER)])
    def partner_page(partner: str) -> Response:
        return page("partner.html", partner_view(deps, panels, partner, deps.clock()))

    return router


def dashboard_view(deps: ServiceDeps, now: datetime) -> DashboardView:
    """Return every recorded partner with its activity of the last 30 days."""
    with deps.store.read() as connection:
        active = {a.partner: a for a in partner_activity(connection, deps.realm, now - _WINDOW, now)}
        health = realm_health(connection, deps.realm)
        unattributed = unattributed_counts(connection, deps.realm)
    specs = {str(p): spec for p, spec in deps.usage.partners(deps.realm).items()}
    rows = []
    for partner in sorted(specs.keys() | active.keys()):
        spec = specs.get(partner)
        one = active.get(partner, PartnerActivity(partner=partner))
        rows.append(
            PartnerRow(
                partner=partner,
                name=partner if spec is None else spec.name,
                stage="unknown" if spec is None else spec.stage.value,
                logins=one.logins,
                sessions=one.sessions,
                users=one.users,
                usage_events=one.usage_events,
                excluded=one.not_billed,
                excluded_share=share_text(excluded_share(one.not_billed, one.usage_events - one.not_billed)),
                last_seen=None if one.last_seen is None else f"{one.last_seen:%Y-%m-%d %H:%M}",
            )
        )
    return DashboardView(
        environment=deps.environment,
        realm=deps.realm,
        since=f"{now - _WINDOW:%Y-%m-%d}",
        until=f"{now:%Y-%m-%d}",
        gaps=health.gaps,
        complete=health.gaps == 0,
        partners=tuple(rows),
        unattributed=unattributed,
    )


def partner_view(deps: ServiceDeps, panels: IdentityPanels, partner: str, now: datetime) -> PartnerView:
    """Return one partner with the quantities and identity data of its current period.

    On the first day of a period, the view also contains the previous period.
    """
    spec = deps.usage.partners(deps.realm).get(PartnerId(partner))
    if spec is None:
        raise not_found()
    report = partner_report(deps, partner, None, now)
    start = now - _WINDOW if report is None else report.start
    zone = time_zone_of(spec)
    span = f"since {local_date(start, zone)} ({zone})"
    starts_today = report is not None and local_date(now, report.time_zone) <= report.first_day
    return PartnerView(
        environment=deps.environment,
        partner=partner,
        name=spec.name,
        stage=spec.stage.value,
        period=None if report is None else _days(report),
        time_zone="" if report is None else report.time_zone,
        quantities=() if report is None else _rows(report),
        identity=panels.panel(spec, _minute(start), now, span),
        excluded_share=share_text(report.excluded_share) if report and report.excluded_share else "",
        starts_today=starts_today,
        previous=_previous(deps, panels, spec, report, now) if report is not None and starts_today else None,
    )


def _previous(
    deps: ServiceDeps, panels: IdentityPanels, spec: PartnerSpec, current: UsageReport, now: datetime
) -> PreviousPeriod | None:
    """Return the period before the current one; None when no agreement was in force."""
    report = partner_report(deps, spec.partner, None, current.start - _INSTANT)
    if report is None:
        return None
    span = f"from {report.first_day} to {_last_day(report)} ({report.time_zone})"
    return PreviousPeriod(
        period=_days(report),
        time_zone=report.time_zone,
        quantities=_rows(report),
        identity=panels.panel(spec, report.start, min(report.end, now), span),
    )


def _days(report: UsageReport) -> str:
    return f"{report.first_day} to {_last_day(report)}"


def _last_day(report: UsageReport) -> date:
    return report.end_day - timedelta(days=1)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _rows(report: UsageReport) -> tuple[QuantityRow, ...]:
    return tuple(
        QuantityRow(
            meter=q.meter,
            dimensions=", ".join(f"{k} = {v}" for k, v in q.dimensions),
            value=text_of(q.value),
            records=0 if q.facts is None else q.facts.count,
            excluded=", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in q.excluded),
        )
        for q in report.quantities
    )
