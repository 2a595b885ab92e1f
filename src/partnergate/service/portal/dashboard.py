"""The pages of the operator: every partner with its activity, and one partner with its quantities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from partnergate.model.days import local_date
from partnergate.model.event_data import text_of
from partnergate.model.partner import PartnerId
from partnergate.service.access import Need, needs
from partnergate.service.api.quantities import partner_report
from partnergate.service.portal.identity_data import IdentityData
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
    from partnergate.service.portal.identity_data import IdentityPanel
    from partnergate.store.usage.overview import UnattributedCount

_SPAN = timedelta(days=30)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """One partner of the list."""

    partner: str
    name: str
    stage: str
    logins: int
    sessions: int
    users: int
    usage_events: int
    not_billed: int
    last_seen: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardView:
    """What the list of partners shows."""

    environment: str
    realm: str
    since: str
    until: str
    gaps: int
    complete: bool
    partners: tuple[PartnerRow, ...]
    unattributed: tuple[UnattributedCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRow:
    """One quantity of a partner's page."""

    meter: str
    dimensions: str
    value: str
    facts: int
    excluded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousPeriod:
    """The period before the one that began today."""

    period: str
    time_zone: str
    quantities: tuple[QuantityRow, ...]
    identity: IdentityPanel


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerView:
    """What a partner's page shows."""

    environment: str
    partner: str
    name: str
    stage: str
    period: str | None
    time_zone: str
    quantities: tuple[QuantityRow, ...]
    identity: IdentityPanel
    began_today: bool
    """Whether it is the first day of the period, on the partner's clock."""
    previous: PreviousPeriod | None
    """On the first day of a period, the one before it; none where there was none."""


def dashboard_routes(deps: ServiceDeps) -> APIRouter:
    """``/`` and ``/partners/{partner}``."""
    router = APIRouter(include_in_schema=False)
    identity = IdentityData(store=deps.store, realm=deps.realm)

    @router.get("/", dependencies=[needs(Need.OPERATOR)])
    def dashboard() -> Response:
        return page("dashboard.html", dashboard_view(deps, deps.clock()))

    @router.get("/partners/{partner}", dependencies=[needs(Need.PARTNER)])
    def partner_page(partner: str) -> Response:
        return page("partner.html", partner_view(deps, identity, partner, deps.clock()))

    return router


def dashboard_view(deps: ServiceDeps, now: datetime) -> DashboardView:
    """Every recorded partner with the last thirty days."""
    with deps.store.read() as connection:
        active = {a.partner: a for a in partner_activity(connection, deps.realm, now - _SPAN, now)}
        health = realm_health(connection, deps.realm)
        nobodys = unattributed_counts(connection, deps.realm)
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
                not_billed=one.not_billed,
                last_seen=None if one.last_seen is None else f"{one.last_seen:%Y-%m-%d %H:%M}",
            )
        )
    return DashboardView(
        environment=deps.environment,
        realm=deps.realm,
        since=f"{now - _SPAN:%Y-%m-%d}",
        until=f"{now:%Y-%m-%d}",
        gaps=health.gaps,
        complete=health.gaps == 0,
        partners=tuple(rows),
        unattributed=nobodys,
    )


def partner_view(deps: ServiceDeps, identity: IdentityData, partner: str, now: datetime) -> PartnerView:
    """One partner with the quantities of its running period, and the identity data of its logins in it.

    On the first day of a period there is little to see in it, so the previous one is shown as well.
    """
    spec = deps.usage.partners(deps.realm).get(PartnerId(partner))
    if spec is None:
        raise not_found()
    report = partner_report(deps, partner, None, now)
    start = now - _SPAN if report is None else report.start
    zone = time_zone_of(spec)
    span = f"since {local_date(start, zone)} ({zone})"
    began = report is not None and local_date(now, report.time_zone) <= report.first_day
    return PartnerView(
        environment=deps.environment,
        partner=partner,
        name=spec.name,
        stage=spec.stage.value,
        period=None if report is None else _days(report),
        time_zone="" if report is None else report.time_zone,
        quantities=() if report is None else _rows(report),
        identity=identity.panel(spec, _minute(start), now, span),
        began_today=began,
        previous=_previous(deps, identity, spec, report, now) if report is not None and began else None,
    )


def _previous(
    deps: ServiceDeps, identity: IdentityData, spec: PartnerSpec, running: UsageReport, now: datetime
) -> PreviousPeriod | None:
    """The period that ended when the running one began; none where no agreement was in force in it."""
    report = partner_report(deps, spec.partner, None, running.start - _INSTANT)
    if report is None:
        return None
    span = f"from {report.first_day} to {_last_day(report)} ({report.time_zone})"
    return PreviousPeriod(
        period=_days(report),
        time_zone=report.time_zone,
        quantities=_rows(report),
        identity=identity.panel(spec, report.start, min(report.end, now), span),
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
            facts=0 if q.facts is None else q.facts.count,
            excluded=", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in q.excluded),
        )
        for q in report.quantities
    )
