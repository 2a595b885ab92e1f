"""Story 3: an apply is killed with -9 while it writes; the next one converges and every user keeps its link.

The applier writes through a proxy that counts, so each kill comes at a chosen write: before, while
or just after the server carries it out. The kills are spread over all writes of an undisturbed apply.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from partnergate.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from hostile.fault_proxy import FaultProxy

pytestmark = pytest.mark.integration

KILLS = int(os.environ.get("PARTNERGATE_KILLS", "5"))
PARTNERS = ("acme", "globex", "initech")
MOST = 0.75
"""So many of the kills come between the first write and the last; an apply may be quicker than its killer."""
_SECONDS = 120.0


def writes(proxy: FaultProxy) -> int:
    """How many calls have come that change what a plan is about: no token, no reading, no lock."""
    return sum(
        method != "GET" and "/admin/realms/" in path and not path.endswith(("/roles", "GroupsAndRoles=true"))
        for method, path in list(proxy.calls)
        if "roles-by-id" not in path
    )


def changed(workspace: Any, number: int) -> None:
    """A change of every partner: of its provider, of its organization and of several mappers."""
    for partner in PARTNERS:
        new = {
            r"^name: .*": f"name: {partner.title()} {number}",
            r"^  (first|last)_name: .*": rf"  \1_name: \1_{number}",
            r"(groups|memberOf): [\w-]+": rf"\1: admins-{number}",
        }
        path = workspace.directory / f"partners/{partner}.yaml"
        text = path.read_text()
        for pattern, value in new.items():
            text = re.sub(pattern, value, text, flags=re.MULTILINE)
        path.write_text(text)


def killed_at(workspace: Any, proxy: FaultProxy, write: int, jitter: float, workers: str) -> tuple[int, bool]:
    """Start an apply and kill it when that write has come; how many had come, and whether it was killed."""
    proxy.calls.clear()
    victim = subprocess.Popen(
        [sys.executable, "-m", "partnergate", "apply", "-e", "demo", "--yes", "--workers", workers],
        cwd=workspace.directory,
        env=os.environ | workspace.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + _SECONDS
    while writes(proxy) < write and victim.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(jitter)
    victim.send_signal(signal.SIGKILL)
    was_killed = victim.wait() == -signal.SIGKILL
    return writes(proxy), was_killed


def test_01_killed_while_it_writes(workspace: Any, proxy: FaultProxy) -> None:
    workspace.use_server(proxy.url)
    assert workspace.apply().exit_code == ExitCode.OK
    connection = workspace.connection
    linked = {}
    for alias in PARTNERS:
        user = connection.post("users", {"username": f"user-of-{alias}", "enabled": True})
        link = {"identityProvider": alias, "userId": f"s-{alias}", "userName": f"s-{alias}"}
        connection.post(f"users/{user}/federated-identity/{alias}", link)
        linked[user] = link
    changed(workspace, 0)
    proxy.calls.clear()
    assert workspace.apply().exit_code == ExitCode.OK
    in_all = writes(proxy)
    assert in_all >= 3 * len(PARTNERS)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    at: list[int] = []
    for number in range(1, KILLS + 1):
        changed(workspace, number)
        done, was_killed = killed_at(
            workspace,
            proxy,
            write=1 + (number - 1) * (in_all - 1) // KILLS,
            jitter=chance.uniform(0.0, 0.003),
            workers=chance.choice("14"),
        )
        if was_killed:
            at.append(done)
        ran = workspace.apply()
        assert ran.exit_code == ExitCode.OK, f"seed {seed}, kill {number}: {ran.output}{ran.errors}"
        assert workspace.plan().exit_code == ExitCode.OK, f"seed {seed}, kill {number}"
        for user, link in linked.items():
            assert connection.get(f"users/{user}/federated-identity") == [link], f"seed {seed}, kill {number}"
    print(f"seed {seed}: {len(at)} kills of {KILLS}, after so many writes of {in_all}: {sorted(at)}")
    between = sum(0 < done < in_all for done in at)
    assert between >= MOST * KILLS, f"seed {seed}: {between} kills of {KILLS} came while it wrote"
