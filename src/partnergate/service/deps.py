"""The dependencies of the application, which ``compose`` assembles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.service.metrics import ServiceMetrics
from partnergate.service.work import Workloads

if TYPE_CHECKING:
    from fastapi import APIRouter

    from partnergate.service.access import Authorizer
    from partnergate.service.allowed_hosts import Host
    from partnergate.service.api.ingest import IngestQueue
    from partnergate.service.clock import Clock
    from partnergate.service.loops.file_watcher import CurrentFiles
    from partnergate.service.loops.loop import Loop
    from partnergate.store.database.engine import Store
    from partnergate.store.usage.ledger import StoredUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeps:
    """The dependencies of the service of one realm."""

    realm: str
    environment: str
    store: Store
    usage: StoredUsage
    queue: IngestQueue
    authorizer: Authorizer
    clock: Clock
    metrics: ServiceMetrics = field(default_factory=ServiceMetrics)
    loops: tuple[tuple[str, Loop], ...] = ()
    """(name, loop) pairs. Each loop runs in its own thread, such as the reader of login events."""
    files: CurrentFiles | None = None
    """The loaded partner files, when a loop reloads changed files; readiness reports their state."""
    work: Workloads = field(default_factory=Workloads)
    """The threads for blocking work."""
    allowed_hosts: frozenset[Host] = frozenset()
    """The allow list of the Host header; empty for every host."""
    reads_events: bool = False
    """Whether a loop reads login events. If so, readiness checks the read lag."""
    routers: tuple[APIRouter, ...] = ()
    """Additional routers. Each route declares its access level with ``access.needs``."""
    public_routers: tuple[APIRouter, ...] = ()
    """Additional routers without authentication, such as the launch pages."""
