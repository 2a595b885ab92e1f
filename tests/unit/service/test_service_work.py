"""Each kind of blocking work has its own threads, a bounded queue, and a share for each partner."""

import asyncio
import threading
import time

import pytest

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.service.portal import checks
from partnergate.service.portal.checks import PartnerChecks
from partnergate.service.problems import HttpProblem
from partnergate.service.work import Workload


class Gate:
    """Work that blocks until the gate is open."""

    def __init__(self):
        self.open, self.running, self.most = threading.Event(), 0, 0
        self._lock = threading.Lock()

    def __call__(self):
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.open.wait(10)
        with self._lock:
            self.running -= 1
        return "done"


def test_a_full_queue_and_a_long_wait_are_refused_with_retry_after():
    async def story():
        gate = Gate()
        work = Workload(name="w", threads=2, waiting=1, patience_s=0.1)
        running = [asyncio.ensure_future(work.run(gate)) for _ in range(3)]
        await asyncio.sleep(0.02)
        with pytest.raises(HttpProblem) as full:
            await work.run(gate)
        assert (full.value.status, full.value.headers["Retry-After"]) == (503, "5")
        with pytest.raises(HttpProblem):
            await running[2]
        gate.open.set()
        assert await asyncio.gather(*running[:2]) == ["done", "done"]
        assert await work.run(gate) == "done"
        assert gate.most == 2
        work.close()

    asyncio.run(story())


def test_one_partner_cannot_use_all_threads():
    async def story():
        gate = Gate()
        work = Workload(name="w", threads=3, waiting=20, share=2)
        acme = [asyncio.ensure_future(work.run(gate, partner="acme")) for _ in range(8)]
        await asyncio.sleep(0.02)
        assert await asyncio.wait_for(work.run(lambda: "free", partner="globex"), 1) == "free"
        assert gate.most == 2
        gate.open.set()
        assert await asyncio.gather(*acme) == ["done"] * 8
        assert (work._lanes, work._by_partner) == ({}, {})
        work.close()

    asyncio.run(story())


def test_the_queue_of_one_partner_is_shorter_than_the_queue_of_all():
    async def story():
        gate = Gate()
        work = Workload(name="w", threads=2, waiting=4, share=1)
        acme = [asyncio.ensure_future(work.run(gate, partner="acme")) for _ in range(3)]
        await asyncio.sleep(0.02)
        with pytest.raises(HttpProblem):
            await work.run(gate, partner="acme")
        gate.open.set()
        await asyncio.gather(*acme)
        work.close()

    asyncio.run(story())


def test_an_error_of_the_work_reaches_the_request_and_frees_the_thread():
    async def story():
        work = Workload(name="w", threads=1, waiting=0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await work.run(lambda: 1 / 0)
        work.close()

    asyncio.run(story())


class Partner:
    def __init__(self, name):
        self.partner = name


FINDING = CheckResult(check="c", subject="s", verdict=Verdict.OK, detail="d")


def checks_of(gate, **settings):
    return PartnerChecks(
        examine=lambda partner: (gate(), (FINDING,))[1], clock=lambda: "now", wait_s=0.05, **settings
    )


def test_a_partner_is_checked_once_at_a_time_and_stale_results_are_shown_meanwhile(monkeypatch):
    async def story():
        gate = Gate()
        made = checks_of(gate)
        acme = Partner("acme")
        first = await asyncio.gather(*(made.latest(acme) for _ in range(60)))
        assert {(one.when, one.runs) for one in first} == {(None, True)}
        assert gate.most == 1
        gate.open.set()
        await asyncio.sleep(0.1)
        assert (await made.latest(acme)).findings == (FINDING,)
        gate.open.clear()
        monkeypatch.setattr(checks, "FRESH_SECONDS", -1)
        stale = await made.latest(acme)
        assert (stale.findings, stale.when, stale.runs) == ((FINDING,), "now", True)
        gate.open.set()
        await asyncio.sleep(0.1)

    asyncio.run(story())


def test_the_number_of_checks_is_limited_and_other_results_stay_visible():
    async def story():
        gate = Gate()
        made = checks_of(gate, most=2)
        for name in ("a", "b"):
            assert (await made.latest(Partner(name))).runs
        with pytest.raises(HttpProblem) as refused:
            await made.latest(Partner("c"))
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "15")
        gate.open.set()
        await asyncio.sleep(0.1)
        assert (await made.latest(Partner("c"))).findings == (FINDING,)

    asyncio.run(story())


def test_a_check_beyond_its_time_limit_is_reported_and_not_started_again():
    async def story():
        gate = Gate()
        made = checks_of(gate, limit_s=0.1)
        await made.latest(Partner("a"))
        await asyncio.sleep(0.15)
        (finding,) = (await made.latest(Partner("a"))).findings
        assert (finding.verdict, "in time" in finding.detail) == (Verdict.FAIL, True)
        assert gate.most == 1
        gate.open.set()
        await asyncio.sleep(0.1)

    asyncio.run(story())


def test_a_check_that_crashes_is_reported(caplog):
    async def story():
        made = PartnerChecks(examine=lambda _: 1 / 0, clock=lambda: "now")
        (finding,) = (await made.latest(Partner("a"))).findings
        assert finding.verdict is Verdict.SKIPPED

    started = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - started < 2
    assert "a partner check failed" in caplog.text
