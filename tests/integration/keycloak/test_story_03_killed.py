"""Story 3: an apply is killed with -9 at random moments; the next one converges and every user keeps its link."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode

pytestmark = pytest.mark.integration

KILLS = int(os.environ.get("PARTNERGATE_KILLS", "5"))


def test_01_killed_at_random_moments(workspace: Any) -> None:
    assert workspace.apply().exit_code == ExitCode.OK
    connection = workspace.connection
    linked = {}
    for alias in ("acme", "globex", "initech"):
        user = connection.post("users", {"username": f"user-of-{alias}", "enabled": True})
        link = {"identityProvider": alias, "userId": f"s-{alias}", "userName": f"s-{alias}"}
        connection.post(f"users/{user}/federated-identity/{alias}", link)
        linked[user] = link
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    hits = 0
    for number in range(KILLS):
        for partner in ("acme", "globex", "initech"):
            path = workspace.directory / f"partners/{partner}.yaml"
            lines = path.read_text().splitlines()
            lines = [
                f"name: {partner.title()} {number}" if line.startswith("name: ") else line for line in lines
            ]
            path.write_text("\n".join(lines).replace("identity:\n", "identity:\n", 1) + "\n")
        victim = subprocess.Popen(
            [sys.executable, "-m", "partnergate", "apply", "-e", "demo", "--yes"],
            cwd=workspace.directory,
            env=os.environ | workspace.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 2.0))
        victim.send_signal(signal.SIGKILL)
        hits += victim.wait() == -signal.SIGKILL
        ran = workspace.apply()
        assert ran.exit_code == ExitCode.OK, f"seed {seed}, kill {number}: {ran.output}{ran.errors}"
        assert workspace.plan().exit_code == ExitCode.OK, f"seed {seed}, kill {number}"
        for user, link in linked.items():
            assert connection.get(f"users/{user}/federated-identity") == [link], f"seed {seed}, kill {number}"
    assert hits > 0
