"""Checks of partner servers for the readiness page, which never make another request wait.

A partner's server can be slow. Its check runs in a thread of its own, one at a time for each partner,
and a limited number at a time in total. The page shows the last results while a check runs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.service.logs import log_event
from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.service.clock import Clock

FRESH_SECONDS: Final = 60.0
"""A partner's servers are checked at most once in this interval, however often the page is loaded."""
LIMIT_SECONDS: Final = 20.0
"""The requests of one check end within this time, so that a check does not delay the end of the process."""
_WAIT_SECONDS: Final = 3.0
"""How long the first page of a partner waits for the first results."""
_GRACE_SECONDS: Final = 10.0
"""Name resolution has no time limit of its own, so a check is reported as failed after this time more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The last results of one partner, and whether a check runs now."""

    when: datetime | None = None
    """The start of the check that found them; None before the first one has ended."""
    findings: tuple[CheckResult, ...] = ()
    runs: bool = False
    ended_s: float = field(default=0.0, repr=False)
    """Monotonic time of the end of the check."""


@dataclass(slots=True, kw_only=True)
class PartnerChecks:
    """Runs the checks and keeps the last results. Used from one event loop only."""

    examine: Callable[[PartnerSpec], tuple[CheckResult, ...]]
    """Checks one partner. Blocks, at most for about ``LIMIT_SECONDS``."""
    clock: Clock
    most: int = 8
    """Number of partners that are checked at the same time."""
    limit_s: float = LIMIT_SECONDS + _GRACE_SECONDS
    wait_s: float = _WAIT_SECONDS
    _kept: dict[str, Checked] = field(default_factory=dict)
    _running: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    async def latest(self, partner: PartnerSpec) -> Checked:
        """Return the last results, and start a check if they are older than a minute.

        Raises a 503 ``HttpProblem`` when too many checks run and the partner has no results.
        """
        name = partner.partner
        kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept.ended_s <= FRESH_SECONDS:
            return kept
        running = self._running.get(name)
        if running is None and len(self._running) < self.most:
            running = self._start(partner)
        if kept is not None:
            return replace(kept, runs=running is not None)
        if running is None:
            raise HttpProblem(
                503,
                "too many checks are running",
                headers={"Retry-After": "15"},
                advice="wait a moment, then load the page again",
            )
        await asyncio.wait({running}, timeout=self.wait_s)
        return self._kept.get(name) or Checked(runs=True)

    def _start(self, partner: PartnerSpec) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        name, began = partner.partner, self.clock()
        done: asyncio.Future[None] = loop.create_future()
        late = loop.call_later(self.limit_s, self._keep, name, began, (_late(name),))

        def finish(findings: tuple[CheckResult, ...]) -> None:
            late.cancel()
            del self._running[name]
            self._keep(name, began, findings)
            done.set_result(None)

        def work() -> None:
            try:
                findings = self.examine(partner)
            except Exception:  # reported on the page; the next check may succeed
                logging.getLogger("partnergate.service").exception("a partner check failed")
                findings = (_stopped(name),)
            try:
                loop.call_soon_threadsafe(finish, findings)
            except RuntimeError:  # the service has stopped
                log_event("partner_check_abandoned", partner=name)

        self._running[name] = done
        threading.Thread(target=work, name="partner-check", daemon=True).start()
        return done

    def _keep(self, name: str, began: datetime, findings: tuple[CheckResult, ...]) -> None:
        self._kept[name] = Checked(when=began, findings=findings, ended_s=time.monotonic())


def _late(partner: str) -> CheckResult:
    return CheckResult(
        check="checks",
        subject=partner,
        verdict=Verdict.FAIL,
        detail="the check did not end in time",
        advice="the servers or the name servers of the partner respond too slowly",
    )


def _stopped(partner: str) -> CheckResult:
    return CheckResult(
        check="checks",
        subject=partner,
        verdict=Verdict.SKIPPED,
        detail="the check ended with an error",
        advice="the operator finds the reason in the log",
    )
