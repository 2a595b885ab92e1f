"""What the application is given: everything it needs and does not make itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.service.metrics import ServiceMetrics

if TYPE_CHECKING:
    from fastapi import APIRouter

    from partnergate.service.access import Door
    from partnergate.service.api.ingest import IngestQueue
    from partnergate.service.clock import Clock
    from partnergate.service.loops.files_watching import FilesInForce
    from partnergate.service.loops.loop import Loop
    from partnergate.store.database.engine import Store
    from partnergate.store.usage.ledger import StoredUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeps:
    """The parts of one service of one realm."""

    realm: str
    environment: str
    store: Store
    usage: StoredUsage
    queue: IngestQueue
    door: Door
    clock: Clock
    metrics: ServiceMetrics = field(default_factory=ServiceMetrics)
    loops: tuple[tuple[str, Loop], ...] = ()
    """(name, loop): run in a thread each while the service lives, such as the reader of login events."""
    files: FilesInForce | None = None
    """What the files say, where a loop takes up changed ones; for readiness to tell."""
    reads_events: bool = False
    """Whether one of the loops reads login events, so that readiness looks at how far it is."""
    routers: tuple[APIRouter, ...] = ()
    """Further routes; each declares its access by ``access.needs``."""
    public_routers: tuple[APIRouter, ...] = ()
    """Further routes that anybody may open, such as the launch pages."""
