"""The dependencies of the application, which ``compose`` assembles."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from partnergate.service.metrics import ServiceMetrics

if TYPE_CHECKING:
    from fastapi import APIRouter

    from partnergate.service.access import Authorizer
    from partnergate.service.api.ingest import IngestQueue
    from partnergate.service.clock import Clock
    from partnergate.service.loops.file_watcher import CurrentFiles
    from partnergate.store.database.engine import Store
    from partnergate.store.usage.ledger import StoredUsage

Stopping = threading.Event
"""Set when the process must stop."""


class Loop(Protocol):
    """Runs until ``stopping`` is set, then returns promptly."""

    def __call__(self, stopping: Stopping) -> None: ...


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
    reads_events: bool = False
    """Whether a loop reads login events. If so, readiness checks the read lag."""
    routers: tuple[APIRouter, ...] = ()
    """Additional routers. Each route declares its access level with ``access.needs``."""
    public_routers: tuple[APIRouter, ...] = ()
    """Additional routers without authentication, such as the launch pages."""
