"""How a deed is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from partnergate.audit.entry import AuditEvent


class AuditRecorder(Protocol):
    """Appends to the audit log."""

    def record(self, event: AuditEvent) -> int:
        """Record the deed and return the number of its entry; the same key again returns the first one."""
        ...
