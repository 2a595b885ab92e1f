"""``/livez``, ``/readyz`` and ``/metrics``: the process, what it depends on, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from partnergate.errors import StoreError
from partnergate.service.access import Need, needs
from partnergate.store.usage.overview import RealmHealth, realm_health, unattributed_counts

if TYPE_CHECKING:
    from partnergate.service.deps import ServiceDeps
    from partnergate.service.loops.loop import Stopping

LONGEST_LAG = timedelta(minutes=10)
"""How old the last read window may be before the service is not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether requests should come here, and what stands against it."""

    ready: bool
    checks: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()
    """What somebody should mend, though requests are answered rightly."""


def readiness(deps: ServiceDeps, stopping: Stopping, now: datetime) -> Readiness:
    """Looks at the store, the reader and the life of the process."""
    checks = []
    if stopping.is_set():
        checks.append(("process", "stopping"))
    try:
        with deps.store.read() as connection:
            health = realm_health(connection, deps.realm)
    except StoreError:
        checks.append(("store", "cannot be used"))
    else:
        if deps.reads_events and (problem := _reader_problem(health, now)):
            checks.append(("reader", problem))
    return Readiness(ready=not checks, checks=tuple(checks), notes=_notes(deps))


def _notes(deps: ServiceDeps) -> tuple[tuple[str, str], ...]:
    if deps.files is None:
        return ()
    # Anybody may ask, and a file is named after its partner: the log has what and where.
    told = "changed files are not in force, the last good ones are; the log says why"
    notes = (("files", told if deps.files.problem else ""), ("restart", deps.files.restart))
    return tuple((name, text) for name, text in notes if text)


def health_routes(deps: ServiceDeps, stopping: Stopping) -> APIRouter:
    """The three routes. Figures are by partner, so only the host reads them."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", dependencies=[needs(Need.PUBLIC)], summary="Whether the process lives")
    def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", dependencies=[needs(Need.PUBLIC)], summary="Whether requests should come here")
    def readyz() -> Response:
        found = readiness(deps, stopping, deps.clock())
        body: dict[str, object] = {
            "status": "ready" if found.ready else "not ready",
            "checks": dict(found.checks),
        }
        if found.notes:
            body["notes"] = dict(found.notes)
        return JSONResponse(body, 200 if found.ready else 503)

    @router.get(
        "/metrics",
        dependencies=[needs(Need.METRICS)],
        summary="Figures for Prometheus",
        response_class=PlainTextResponse,
    )
    def metrics() -> Response:
        observe(deps, deps.clock())
        return Response(deps.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def observe(deps: ServiceDeps, now: datetime) -> None:
    """Bring the figures that the store knows up to date."""
    metrics, realm = deps.metrics, deps.realm
    metrics.usage_waiting.set(deps.queue.waiting_events)
    try:
        with deps.store.read() as connection:
            health = realm_health(connection, realm)
            nobodys = unattributed_counts(connection, realm)
    except StoreError:
        metrics.store_up.set(0)
        return
    metrics.store_up.set(1)
    metrics.usage_pending.set(health.pending)
    metrics.events_read.labels(realm).set(health.events)
    metrics.gaps.labels(realm).set(health.gaps)
    if health.position is not None:
        metrics.read_lag.labels(realm).set(max(0.0, (now - health.position).total_seconds()))
    if health.keeps_logins is not None:
        metrics.events_enabled.labels(realm).set(int(health.keeps_logins))
    if health.last_gap_end is not None:
        metrics.last_gap_end.labels(realm).set(health.last_gap_end.timestamp())
    metrics.usage_unattributed.clear()
    metrics.sessions_unattributed.clear()
    for count in nobodys:
        metrics.usage_unattributed.labels(count.reason).set(count.usage_events)
        metrics.sessions_unattributed.labels(realm, count.reason).set(count.sessions)


def _reader_problem(health: RealmHealth, now: datetime) -> str | None:
    if health.position is None:
        return "has not read yet"
    lag = now - health.position
    return f"is {int(lag.total_seconds())} seconds behind" if lag > LONGEST_LAG else None
