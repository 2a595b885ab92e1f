"""Takes up changed files while the service runs: whole and good, or not at all.

A directory is looked at twice before it is read, because an edit, a checkout or a copy writes file after
file. What is read is taken when it has no error, is of the same realm and misses no partner; the store
records it in one transaction, and from then on everybody sees it. Otherwise the last good files stay in
force, and the log, a metric and ``/readyz`` say so until the files are mended.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.diagnostics import Severity
from partnergate.errors import InvalidInputError, PartnergateError, StoreError
from partnergate.model.instants import to_ms
from partnergate.service.logs import log_event
from partnergate.store.sessions.ingest import EventIngest

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace
    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Stopping
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.database.engine import Store

Stamp = tuple[tuple[str, ...], ...]
"""What tells one state of the files from another, without reading them."""


@dataclass(slots=True)
class FilesInForce:
    """What the service goes by. Read from anywhere; one ``FilesWatching`` changes it."""

    workspace: Workspace
    problem: str = ""
    """Why newer files are not in force; empty when there are none."""
    restart: str = ""
    """What of the files in force is used only after a restart; empty when nothing is."""

    @property
    def partners(self) -> tuple[PartnerSpec, ...]:
        """All partners."""
        return self.workspace.partners


@dataclass(slots=True, kw_only=True)
class FilesWatching:
    """The loop. One thread uses it."""

    files: FilesInForce
    store: Store
    metrics: ServiceMetrics
    stamp: Callable[[], Stamp]
    load: Callable[[], Workspace]
    """Reads the files; ``InvalidInputError`` when they have errors."""
    taken: Stamp
    """As it was before ``files`` were read."""
    clock: Clock
    every_s: float = 2.0
    _seen: Stamp = ()
    _refused: Stamp | None = None
    _started: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self._seen, self._started = self.taken, self.files.workspace
        self.metrics.files_refused.set(0)
        self.metrics.files_taken.set(self.clock().timestamp())

    def __call__(self, stopping: Stopping) -> None:
        """Look until told to stop."""
        while not stopping.is_set():
            wait = self.every_s
            try:
                self.look()
            except (OSError, StoreError) as error:  # they are taken when the store is back
                log_event("files_not_taken", logging.ERROR, error=type(error).__name__)
                wait = self.every_s * 10
            stopping.wait(wait)

    def look(self) -> bool:
        """Take up what changed, if it has settled; whether something was taken."""
        stamp = self.stamp()
        settled, self._seen = stamp == self._seen, stamp
        if stamp == self.taken:
            self._say("")  # an edit that was taken back
            return False
        if not settled or stamp == self._refused:
            return False
        try:
            found = self.load()
        except PartnergateError as error:
            self._refuse(stamp, _first_error(error))
            return False
        if self.stamp() != stamp:
            return False  # written to while it was read
        reason = self._against(found)
        if reason:
            self._refuse(stamp, reason)
            return False
        self._take(stamp, found)
        return True

    def _against(self, found: Workspace) -> str:
        """Why good files are not taken without a restart."""
        before, now = self._started.realm, found.realm
        if (before.realm, before.server_url) != (now.realm, now.server_url):
            return "the realm template names another realm or server: restart the service"
        gone = sorted({p.partner for p in self.files.partners} - {p.partner for p in found.partners})
        if gone:
            named = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")  # noqa: PLR2004
            return f"no file of {named}: write stage retired instead, or restart the service to retire them"
        return ""

    def _take(self, stamp: Stamp, found: Workspace) -> None:
        changed = EventIngest(store=self.store).record_registry(
            found.realm, found.partners, to_ms(self.clock())
        )
        self.files.workspace, self.taken = found, stamp
        self.files.restart = (
            ""
            if _built_in(found) == _built_in(self._started)
            else "the launch service or the network rules changed: restart the service to use them"
        )
        self.metrics.files_taken.set(self.clock().timestamp())
        log_event("files_taken", partners=len(found.partners), changed=len(changed))
        if self.files.restart:
            log_event("files_need_restart", logging.WARNING)
        self._say("")

    def _refuse(self, stamp: Stamp, reason: str) -> None:
        self._refused = stamp
        self._say(reason)
        log_event("files_refused", logging.ERROR, reason=reason)

    def _say(self, problem: str) -> None:
        if self.files.problem and not problem:
            log_event("files_in_order")
        self.files.problem = problem
        self.metrics.files_refused.set(int(bool(problem)))
        if not problem:
            self._refused = None


def _first_error(error: PartnergateError) -> str:
    """How many and where; what is wrong may quote the file, and stays out of logs."""
    found = error.found if isinstance(error, InvalidInputError) else ()
    errors = [d for d in found if d.severity is Severity.ERROR]
    if not errors:
        return f"they cannot be read ({type(error).__name__})"
    first = errors[0]
    number = "1 error" if len(errors) == 1 else f"{len(errors)} errors, the first"
    return f"{number} at {first.span.file}:{first.span.line}: {first.code}"


def _built_in(workspace: Workspace) -> object:
    """What of the realm template a running service was made with."""
    realm = workspace.realm
    return realm.network, realm.launch, realm.clients if realm.launch else ()
