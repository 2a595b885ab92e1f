"""``/livez``, ``/readyz`` and ``/metrics``: liveness, readiness of dependencies, and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from partnergate.errors import StoreError
from partnergate.service.access import Need, needs
from partnergate.service.problems import PROBLEM_JSON, documented
from partnergate.store.usage.overview import RealmHealth, realm_health, unattributed_counts

if TYPE_CHECKING:
    from partnergate.service.deps import ServiceDeps
    from partnergate.service.loops.loop import Stopping

MAX_READ_LAG = timedelta(minutes=10)
"""Maximum age of the last read window. Above it, the service is not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the service is ready, and the checks that failed."""

    ready: bool
    checks: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()
    """Problems that an operator should fix, although requests are served correctly."""


def readiness(deps: ServiceDeps, stopping: Stopping, now: datetime) -> Readiness:
    """Check the store, the event reader and the state of the process."""
    checks = []
    if stopping.is_set():
        checks.append(("process", "stopping"))
    try:
        with deps.store.read() as connection:
            health = realm_health(connection, deps.realm)
    except StoreError:
        checks.append(("store", "not available"))
    else:
        if deps.reads_events and (problem := _reader_problem(health, now)):
            checks.append(("reader", problem))
    return Readiness(ready=not checks, checks=tuple(checks), notes=_notes(deps))


def _notes(deps: ServiceDeps) -> tuple[tuple[str, str], ...]:
    if deps.files is None:
        return ()
    # The endpoint is public and file names contain partner IDs, so only the log has the details.
    rejected = "changed partner files were rejected; the last valid files stay in use; see the log"
    notes = (("files", rejected if deps.files.problem else ""), ("restart", deps.files.restart))
    return tuple((name, text) for name, text in notes if text)


_ANY_JSON = {name: {"schema": {"type": "object"}} for name in ("application/json", PROBLEM_JSON)}


def health_routes(deps: ServiceDeps, stopping: Stopping) -> APIRouter:
    """Return the three routes. The metrics name partners, so they are not public."""
    router = APIRouter(tags=["health"], route_class=deps.work.health.route_class())

    @router.get("/livez", dependencies=[needs(Need.PUBLIC)], summary="Liveness of the process")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(
        "/readyz",
        dependencies=[needs(Need.PUBLIC)],
        summary="Readiness to serve requests",
        responses={503: {"description": "A check failed, or the service is busy.", "content": _ANY_JSON}},
    )
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
        summary="Metrics for Prometheus",
        response_class=PlainTextResponse,
        responses=documented(s404="The token has neither the role metrics-reader nor partnergate-operator."),
    )
    def metrics() -> Response:
        update_metrics(deps, deps.clock())
        return Response(deps.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def update_metrics(deps: ServiceDeps, now: datetime) -> None:
    """Update the metrics that come from the store."""
    metrics, realm = deps.metrics, deps.realm
    metrics.usage_waiting.set(deps.queue.waiting_events)
    try:
        with deps.store.read() as connection:
            health = realm_health(connection, realm)
            unattributed = unattributed_counts(connection, realm)
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
    for count in unattributed:
        metrics.usage_unattributed.labels(count.reason).set(count.usage_events)
        metrics.sessions_unattributed.labels(realm, count.reason).set(count.sessions)


def _reader_problem(health: RealmHealth, now: datetime) -> str | None:
    if health.position is None:
        return "no login events read yet"
    lag = now - health.position
    return f"{int(lag.total_seconds())} seconds behind" if lag > MAX_READ_LAG else None
