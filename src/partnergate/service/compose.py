"""Puts the parts of one service together: what the command line does, without the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.instants import to_ms
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.deps import ServiceDeps
from partnergate.service.loops.background import attributing
from partnergate.service.metrics import ServiceMetrics
from partnergate.store.sessions.ingest import EventIngest
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from fastapi import APIRouter

    from partnergate.model.workspace import Workspace
    from partnergate.service.access import Door
    from partnergate.service.clock import Clock
    from partnergate.service.loops.files_watching import FilesInForce
    from partnergate.service.loops.loop import Loop
    from partnergate.store.database.engine import Store


def service_deps(
    workspace: Workspace,
    store: Store,
    *,
    door: Door,
    clock: Clock,
    loops: tuple[tuple[str, Loop], ...] = (),
    files: FilesInForce | None = None,
    reads_events: bool = False,
    metrics: ServiceMetrics | None = None,
    routers: tuple[APIRouter, ...] = (),
    public_routers: tuple[APIRouter, ...] = (),
) -> ServiceDeps:
    """The parts of the service of one environment. Notes in the store what the files say from now on."""
    realm = workspace.realm
    EventIngest(store=store).record_registry(realm, workspace.partners, to_ms(clock()))
    usage = StoredUsage(store)
    queue = IngestQueue(ledger=usage, realm=realm.realm, clock=clock)
    return ServiceDeps(
        realm=realm.realm,
        environment=realm.environment,
        store=store,
        usage=usage,
        queue=queue,
        door=door,
        clock=clock,
        metrics=metrics or ServiceMetrics(),
        loops=(*loops, ("usage-attribution", attributing(usage, queue.busy))),
        files=files,
        reads_events=reads_events,
        routers=routers,
        public_routers=public_routers,
    )
