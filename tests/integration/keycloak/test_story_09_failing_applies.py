"""Story 9: an apply that fails in the middle reports its outcome, and the next run converges.

The reviewed reports are in ``tests/golden/bad_worlds``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from hostile.fault_proxy import Break
from partnergate.cli.exit_codes import ExitCode
from partnergate.playground.commands import Ran

if TYPE_CHECKING:
    from hostile.fault_proxy import FaultProxy

pytestmark = pytest.mark.integration


@pytest.fixture
def world(workspace: Any, proxy: FaultProxy) -> Any:
    """A realm with acme and initech; the next apply adds globex and renames the others, one at a time."""
    workspace.use_server(proxy.url)
    workspace.edit("partners/globex.yaml", "stage: live", "stage: draft")
    assert workspace.apply().exit_code == ExitCode.OK
    workspace.edit("partners/globex.yaml", "stage: draft", "stage: live")
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    workspace.edit("partners/initech.yaml", "name: Initech", "name: Initech Works")
    return workspace


def apply(workspace: Any) -> Any:
    """Apply one partner after the other, so that the report is the same each time."""
    return workspace.apply("--workers", "1")


_AT_A_TERMINAL = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('partnergate', run_name='__main__')"
)
"""Restores SIGINT, which a process that a shell starts in the background ignores."""


def reported(ran: Any) -> None:
    """Check for a report, the next step, and no traceback."""
    assert ran.exit_code == ExitCode.PARTIAL, ran.output + ran.errors
    assert ran.output.count("run apply again") == 1
    assert "Traceback" not in ran.errors


def converges(workspace: Any) -> None:
    again = apply(workspace)
    assert again.exit_code == ExitCode.OK, again.output + again.errors
    assert workspace.plan().exit_code == ExitCode.OK


@pytest.mark.parametrize("status", [302, 400, 409, 500])
def test_01_a_failing_call_rolls_back_its_partner_and_the_others_continue(
    world: Any, proxy: FaultProxy, as_reviewed: Any, status: int
) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.STATUS, status=status, skip=2)
    ran = apply(world)
    reported(ran)
    as_reviewed(f"rollback-{status}", ran)
    assert world.connection.get_or_none("identity-provider/instances/globex") is None
    assert world.connection.get("identity-provider/instances/initech")["displayName"] == "Initech Works"
    converges(world)


def test_02_a_session_that_is_ended_stops_the_rest(world: Any, proxy: FaultProxy, as_reviewed: Any) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.STATUS, status=401, times=2)
    ran = apply(world)
    reported(ran)
    as_reviewed("session-ended", ran)
    converges(world)


def test_03_a_failure_of_a_shared_resource_stops_before_any_partner(
    world: Any, proxy: FaultProxy, as_reviewed: Any
) -> None:
    world.edit("realm_templates/demo.yaml", "stages:", "events: {retention_days: 45}\nstages:")
    proxy.add("PUT", r"events/config$", Break.STATUS, status=500)
    ran = apply(world)
    reported(ran)
    as_reviewed("shared-ground", ran)
    converges(world)


def test_04_changes_that_cannot_be_rolled_back_are_reported(
    world: Any, proxy: FaultProxy, as_reviewed: Any
) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.STATUS, status=500, skip=2)
    proxy.add("DELETE", r"instances/globex$", Break.STATUS, status=500)
    ran = apply(world)
    reported(ran)
    as_reviewed("rollback-failed", ran)
    converges(world)


def test_05_a_connection_that_is_cut_after_the_server_acted(workspace: Any, proxy: FaultProxy) -> None:
    workspace.use_server(proxy.url)
    for path in (
        r"identity-provider/instances$",
        r"/mappers$",
        r"organizations$",
        r"identity-providers$",
        r"flows$",
    ):
        proxy.add("POST", path, Break.CUT_AFTER)
    proxy.add("PUT", r"instances/acme$", Break.CUT_AFTER)
    ran = workspace.apply()
    assert ran.exit_code == ExitCode.OK, ran.output + ran.errors
    assert ran.errors == ""
    assert workspace.plan().exit_code == ExitCode.OK
    mappers = workspace.connection.get("identity-provider/instances/acme/mappers")
    assert len({m["name"] for m in mappers}) == len(mappers)


def test_06_a_connection_that_is_cut_before_the_server_acted(workspace: Any, proxy: FaultProxy) -> None:
    workspace.use_server(proxy.url)
    for path in (r"identity-provider/instances$", r"/mappers$", r"organizations$", r"roles$"):
        proxy.add("POST", path, Break.CUT_BEFORE)
    ran = workspace.apply()
    assert ran.exit_code == ExitCode.OK, ran.output + ran.errors
    assert ran.errors == ""
    assert workspace.plan().exit_code == ExitCode.OK


def test_07_a_server_that_dies_in_the_middle(world: Any, proxy: FaultProxy, as_reviewed: Any) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.DIE, skip=2)
    ran = apply(world)
    reported(ran)
    as_reviewed("server-dies", ran)
    proxy.revive()
    converges(world)


def test_08_a_realm_that_is_deleted_in_the_middle(world: Any, proxy: FaultProxy, as_reviewed: Any) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.STALL, skip=2)
    ending = threading.Thread(
        target=lambda: (proxy.stalled.wait(60), world.connection.delete(""), proxy.release())
    )
    ending.start()
    ran = apply(world)
    ending.join()
    reported(ran)
    as_reviewed("realm-deleted", ran)
    converges(world)


def test_09_two_applies_at_once(world: Any, proxy: FaultProxy, as_reviewed: Any) -> None:
    proxy.add("POST", r"instances/globex/mappers$", Break.STALL, skip=2)
    first: list[Any] = []
    running = threading.Thread(target=lambda: first.append(apply(world)))
    running.start()
    assert proxy.stalled.wait(60)
    second = apply(world)
    proxy.release()
    running.join()
    assert first[0].exit_code == ExitCode.OK, first[0].output + first[0].errors
    assert second.exit_code == ExitCode.LOCKED
    as_reviewed("two-at-once", second)
    assert world.plan().exit_code == ExitCode.OK


def test_10_an_interrupt_completes_the_current_partner(
    world: Any, proxy: FaultProxy, as_reviewed: Any
) -> None:
    """Ctrl-C completes the partner in progress and reports the rest."""
    proxy.add("POST", r"instances/globex/mappers$", Break.STALL, skip=2)
    running = subprocess.Popen(
        [sys.executable, "-c", _AT_A_TERMINAL, "apply", "-e", "demo", "--yes", "--workers", "1"],
        cwd=world.directory,
        env=os.environ | world.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert proxy.stalled.wait(60)
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    proxy.release()
    output, errors = running.communicate(timeout=60)
    ran = Ran(arguments=("apply",), exit_code=running.returncode, output=output, errors=errors, seconds=0)
    reported(ran)
    as_reviewed("interrupted", ran)
    converges(world)
