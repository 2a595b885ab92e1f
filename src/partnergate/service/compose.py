"""The composition root: assembles the parts of one service, independent of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.instants import to_ms
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.deps import ServiceDeps
from partnergate.service.loops.background import usage_attribution
from partnergate.store.sessions.ingest import EventIngest
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from fastapi import APIRouter

    from partnergate.model.workspace import Workspace
    from partnergate.service.access import Authorizer
    from partnergate.service.allowed_hosts import Host
    from partnergate.service.clock import Clock
    from partnergate.service.loops.file_watcher import CurrentFiles
    from partnergate.service.loops.loop import Loop
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.database.engine import Store


def service_deps(
    workspace: Workspace,
    store: Store,
    *,
    authorizer: Authorizer,
    clock: Clock,
    loops: tuple[tuple[str, Loop], ...] = (),
    files: CurrentFiles | None = None,
    reads_events: bool = False,
    allowed_hosts: frozenset[Host] = frozenset(),
    metrics: ServiceMetrics,
    routers: tuple[APIRouter, ...] = (),
    public_routers: tuple[APIRouter, ...] = (),
) -> ServiceDeps:
    """Assemble the service of one environment, and record the current partner files in the store."""
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
        authorizer=authorizer,
        clock=clock,
        metrics=metrics,
        loops=(*loops, ("usage-attribution", usage_attribution(usage, queue.busy))),
        files=files,
        reads_events=reads_events,
        allowed_hosts=allowed_hosts,
        routers=routers,
        public_routers=public_routers,
    )
