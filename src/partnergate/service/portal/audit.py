"""The audit log for operators: who did what, page by page, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.audit.entry import Phase
from partnergate.errors import UsageError
from partnergate.service.access import Need, needs
from partnergate.service.portal.pages import page
from partnergate.store.audit.log import StoredAudit

if TYPE_CHECKING:
    from partnergate.audit.entry import AuditEntry
    from partnergate.service.deps import ServiceDeps

PAGE_SIZE: Final = 50
_LONGEST_NUMBER: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry."""

    number: int
    at: str
    deed: str
    phase: str
    """Empty for a deed that is one entry."""
    target: str
    environment: str
    actor: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """The view of ``audit.html``."""

    environment: str
    rows: tuple[AuditRow, ...]
    older: int
    """The number before which the next page starts; 0 on the last page."""
    newest: bool
    """Whether this is the first page."""


def audit_routes(deps: ServiceDeps) -> APIRouter:
    """Return ``/audit``, for operators only. It shows the entries of all environments of the store."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())

    @router.get("/audit", dependencies=[needs(Need.OPERATOR)])
    def entries(before: str = "") -> Response:
        return page("audit.html", audit_view(deps, before))

    return router


def audit_view(deps: ServiceDeps, before: str) -> AuditView:
    """Return the entries before that number; empty for the newest."""
    if before and not (before.isascii() and before.isdigit() and len(before) <= _LONGEST_NUMBER):
        raise UsageError("the number of an entry is not valid", advice="use the links of the page")
    start = int(before) if before else None
    found = StoredAudit(deps.store).latest(limit=PAGE_SIZE, before=start)
    return AuditView(
        environment=deps.environment,
        rows=tuple(_row(entry) for entry in found),
        older=found[-1].sequence if found and found[-1].sequence > 1 else 0,
        newest=start is None,
    )


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        number=entry.sequence,
        at=f"{entry.at:%Y-%m-%d %H:%M:%S} UTC",
        deed=entry.deed.value.replace("_", " "),
        phase="" if entry.phase is Phase.DONE else entry.phase.value,
        target=entry.target,
        environment=entry.environment,
        actor=entry.actor.words(),
        details=tuple((d.name.replace("_", " "), d.value) for d in entry.details),
    )
