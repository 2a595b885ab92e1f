"""Reloads changed partner files while the service runs, all or nothing.

A directory is loaded only when two consecutive checks find it unchanged, because an edit, checkout
or copy writes one file after another. The files are applied when they have no errors, belong to the
same realm and remove no partner; the store records them in one transaction. Otherwise the last valid
files stay in use, and the log, a metric and ``/readyz`` report it until the files are fixed.
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
"""Identifies a state of the files without reading their content."""


@dataclass(slots=True)
class CurrentFiles:
    """The files in use. Any thread can read them; only one ``FileWatcher`` changes them."""

    workspace: Workspace
    problem: str = ""
    """Why newer files were rejected; empty when there are none."""
    restart: str = ""
    """Which change takes effect only after a restart; empty when none does."""

    @property
    def partners(self) -> tuple[PartnerSpec, ...]:
        """All partners."""
        return self.workspace.partners


@dataclass(slots=True, kw_only=True)
class FileWatcher:
    """The loop. Not safe for use from several threads."""

    files: CurrentFiles
    store: Store
    metrics: ServiceMetrics
    stamp: Callable[[], Stamp]
    load: Callable[[], Workspace]
    """Loads the files. Raises ``InvalidInputError`` when they have errors."""
    loaded: Stamp
    """The state of the files before ``files`` was loaded."""
    clock: Clock
    every_s: float = 2.0
    _seen: Stamp = ()
    _rejected: Stamp | None = None
    _started: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self._seen, self._started = self.loaded, self.files.workspace
        self.metrics.files_refused.set(0)
        self.metrics.files_loaded.set(self.clock().timestamp())

    def __call__(self, stopping: Stopping) -> None:
        """Check for changes until ``stopping`` is set."""
        while not stopping.is_set():
            wait = self.every_s
            try:
                self.check()
            except (OSError, StoreError) as error:  # retried later
                log_event("files_reload_failed", logging.ERROR, error=type(error).__name__)
                wait = self.every_s * 10
            stopping.wait(wait)

    def check(self) -> bool:
        """Load changed files once they are stable; return whether they were applied."""
        stamp = self.stamp()
        stable, self._seen = stamp == self._seen, stamp
        if stamp == self.loaded:
            self._set_problem("")  # the edit was reverted
            return False
        if not stable or stamp == self._rejected:
            return False
        try:
            found = self.load()
        except PartnergateError as error:
            self._reject(stamp, _first_error(error))
            return False
        if self.stamp() != stamp:
            return False  # changed while it was read
        reason = self._rejection(found)
        if reason:
            self._reject(stamp, reason)
            return False
        self._apply(stamp, found)
        return True

    def _rejection(self, found: Workspace) -> str:
        """Return why valid files cannot be applied without a restart; empty when they can."""
        before, now = self._started.realm, found.realm
        if (before.realm, before.server_url) != (now.realm, now.server_url):
            return "the realm or server URL in the realm template has changed: restart the service"
        removed = sorted({p.partner for p in self.files.partners} - {p.partner for p in found.partners})
        if removed:
            named = ", ".join(removed[:3]) + (f" and {len(removed) - 3} more" if len(removed) > 3 else "")  # noqa: PLR2004
            return (
                f"missing partner files: {named}. "
                "Set stage: retired instead, or restart the service to retire them"
            )
        return ""

    def _apply(self, stamp: Stamp, found: Workspace) -> None:
        changed = EventIngest(store=self.store).record_registry(
            found.realm, found.partners, to_ms(self.clock())
        )
        self.files.workspace, self.loaded = found, stamp
        self.files.restart = (
            ""
            if _startup_settings(found) == _startup_settings(self._started)
            else "the launch settings or the network policy have changed: restart the service to apply them"
        )
        self.metrics.files_loaded.set(self.clock().timestamp())
        log_event("files_reloaded", partners=len(found.partners), changed=len(changed))
        if self.files.restart:
            log_event("restart_required", logging.WARNING)
        self._set_problem("")

    def _reject(self, stamp: Stamp, reason: str) -> None:
        self._rejected = stamp
        self._set_problem(reason)
        log_event("files_rejected", logging.ERROR, reason=reason)

    def _set_problem(self, problem: str) -> None:
        if self.files.problem and not problem:
            log_event("files_fixed")
        self.files.problem = problem
        self.metrics.files_refused.set(int(bool(problem)))
        if not problem:
            self._rejected = None


def _first_error(error: PartnergateError) -> str:
    """Return the number of errors and the first position. Messages can quote the file, so logs omit them."""
    found = error.found if isinstance(error, InvalidInputError) else ()
    errors = [d for d in found if d.severity is Severity.ERROR]
    if not errors:
        return f"the files cannot be read ({type(error).__name__})"
    first = errors[0]
    number = "1 error" if len(errors) == 1 else f"{len(errors)} errors, first"
    return f"{number} at {first.span.file}:{first.span.line}: {first.code}"


def _startup_settings(workspace: Workspace) -> object:
    """Return the realm template settings that the service reads only at startup."""
    realm = workspace.realm
    return realm.network, realm.launch, realm.clients if realm.launch else ()
