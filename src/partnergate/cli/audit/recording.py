"""Records the intent and the outcome of a command that changes or reads a realm, if a store is configured.

The deed is in the realm and not in the store, so the two entries are separate transactions: an intent
without an outcome means that the command was killed. A store that cannot be reached does not stop the
command; it is reported on standard error.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.options import STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.audit.entry import AuditEvent, Phase

_NOTES: ContextVar[dict[str, str] | None] = ContextVar("audit_notes", default=None)


def add_details(**values: object) -> None:
    """Add details to the outcome of the command that runs; no effect in a command that records nothing."""
    notes = _NOTES.get()
    if notes is not None:
        notes.update({name: str(value) for name, value in values.items()})


def audited(deed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Record the intent and the outcome of the command in the store of ``PARTNERGATE_STORE``."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            url = os.environ.get(STORE)
            if not url:
                return function(*args, **kwargs)
            run = _Run(url, deed, kwargs)
            token = _NOTES.set(run.notes)
            try:
                run.begin()
                result = function(*args, **kwargs)
            except BaseException as error:
                run.end(failure=type(error).__name__)
                raise
            else:
                run.end(failure="" if result in (None, 0, 2) else f"exit code {int(result)}")
                return result
            finally:
                _NOTES.reset(token)

        return recorded

    return decorate


def _new_run_id() -> str:
    import secrets

    return secrets.token_hex(16)


class _Run:
    """One run of a command."""

    def __init__(self, url: str, deed: str, options: dict[str, Any]) -> None:
        self.notes: dict[str, str] = {}
        self._url, self._deed = url, deed
        self._environment = str(options.get("environment") or "")
        self._target = str(options.get("plan_file") or options.get("realm") or self._environment)
        self._partners = ", ".join(options.get("partners") or ())
        self._id = _new_run_id()

    def begin(self) -> None:
        """Record what is about to be done."""
        from partnergate.audit.entry import Phase

        self._record(Phase.INTENT, self._deed, partners=self._partners)

    def end(self, *, failure: str) -> None:
        """Record how it ended; resources that were adopted are a deed of their own."""
        from partnergate.audit.entry import Deed, Phase

        phase = Phase.FAILED if failure else Phase.DONE
        details = {"partners": self._partners} | self.notes | {"failure": failure, "environment": ""}
        self._record(phase, self._deed, **details)
        if self._deed == Deed.APPLIED and "adopt" in self.notes:
            self._record(phase, Deed.ADOPTED, resources=self.notes["adopt"])

    def _record(self, phase: Phase, deed: str, **details: str) -> None:
        from partnergate.errors import PartnergateError
        from partnergate.store.audit.log import StoredAudit
        from partnergate.store.database.opening import open_store

        try:
            # The first apply comes before the sidecar has created the store.
            with open_store(self._url) as store:
                StoredAudit(store).record(self._event(phase, deed, details))
        except PartnergateError as error:
            click.echo(
                f"warning: not recorded in the audit log: {self._deed}, {phase.value}: {error.diagnostics()}",
                err=True,
            )

    def _event(self, phase: Phase, deed: str, details: dict[str, str]) -> AuditEvent:
        from partnergate.audit.entry import AuditEvent, Deed, details_of
        from partnergate.cli.audit.identity import current_actor
        from partnergate.cli.clock import now

        return AuditEvent(
            at=now(),
            environment=self._environment or self.notes.get("environment", ""),
            deed=Deed(deed),
            phase=phase,
            actor=current_actor(),
            target=self._target,
            key=f"{self._id} {deed} {phase.value}",
            details=details_of(run=self._id, **details),
        )
