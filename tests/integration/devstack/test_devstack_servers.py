"""Servers of the devstack are real, listen on loopback only, and stop with their users."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import sqlalchemy

from partnergate.devstack import find_postgresql, postgresql_server
from partnergate.devstack.lease import Lease
from partnergate.devstack.running import ProcessIdentity, start_supervised
from partnergate.devstack.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.devstack import KeycloakServer

pytestmark = pytest.mark.integration

SLEEPER = (sys.executable, "-c", "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)")


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def started_pid(directory: Path) -> int:
    pid = directory / "pid"
    assert eventually(lambda: pid.exists() and bool(pid.read_text()))
    return int(pid.read_text())


def gone(pid: int) -> bool:
    """Whether it has ended, even if its parent has not collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def sleeper(directory: Path, *, idle_seconds: float = 0, remove: str = "") -> Task:
    return Task(
        remove=remove,
        argv=SLEEPER,
        directory=str(directory),
        log=str(directory / "log"),
        lease=str(directory / "lease"),
        idle_seconds=idle_seconds,
    )


def test_keycloak_has_the_pinned_version(keycloak: KeycloakServer) -> None:
    token = requests.post(
        f"{keycloak.base_url}/realms/master/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": keycloak.admin_user,
            "password": keycloak.admin_password,
        },
        timeout=30,
    ).json()["access_token"]
    info = requests.get(
        f"{keycloak.base_url}/admin/serverinfo", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ).json()
    assert info["systemInfo"]["version"] == keycloak.version


def test_keycloak_listens_on_loopback_only(keycloak: KeycloakServer) -> None:
    if keycloak.kind == "given":
        pytest.skip("the server was given from outside")
    port = int(keycloak.base_url.rpartition(":")[2])
    listening = [
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == port
    ]
    assert listening
    loopback = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
    assert {address.rpartition(":")[0] for address in listening} <= loopback


def test_a_server_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    """A crash leaves no server: the kernel releases the lock and the supervisor notices."""
    program = (
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from partnergate.devstack.lease import Lease\n"
        "from partnergate.devstack.running import start_supervised\n"
        "from partnergate.devstack.supervisor import Task\n"
        "task = Task.from_json(sys.argv[1])\n"
        "lease = Lease(Path(task.lease)); lease.hold()\n"
        "start_supervised(task)\n"
        "while not Path('pid').exists(): time.sleep(0.05)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    data = tmp_path / "data"
    data.mkdir()
    task = sleeper(tmp_path, remove=str(data)).to_json()
    ended = subprocess.run([sys.executable, "-c", program, task], cwd=tmp_path, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert eventually(lambda: gone(started_pid(tmp_path)))
    assert eventually(lambda: not data.exists())


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to a child is Linux's")
def test_a_server_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "lease")
    lease.hold()
    supervisor = start_supervised(sleeper(tmp_path))
    pid = started_pid(tmp_path)
    os.kill(supervisor.identity.pid, signal.SIGKILL)
    supervisor.wait(20)
    assert eventually(lambda: gone(pid))
    lease.close()


def test_an_unused_server_stops_after_its_idle_time(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "lease")
    lease.hold()
    supervisor = start_supervised(sleeper(tmp_path, idle_seconds=2))
    pid = started_pid(tmp_path)
    lease.close()
    time.sleep(1)
    assert not gone(pid)
    assert supervisor.wait(20) == 0
    assert gone(pid)


def test_a_process_is_not_mistaken_for_a_later_one_with_its_number() -> None:
    me = ProcessIdentity.of(os.getpid())
    assert me.alive()
    assert not ProcessIdentity(pid=me.pid, started="1").alive()


def test_a_shared_keycloak_is_found_by_another_process(keycloak: KeycloakServer) -> None:
    if keycloak.kind == "given":
        pytest.skip("the server was given from outside")
    program = (
        "from partnergate.devstack import keycloak_server\n"
        "with keycloak_server(reuse='tests') as server: print(server.base_url)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout.strip() == keycloak.base_url


@pytest.mark.postgresql
def test_postgresql_runs_as_another_user_and_requires_a_password() -> None:
    if find_postgresql() is None:
        pytest.skip("no PostgreSQL server binaries on this machine; scripts/bootstrap installs them as root")
    with postgresql_server() as server:
        engine = sqlalchemy.create_engine(server.url())
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("select 1")).scalar() == 1
        engine.dispose()
        wrong = sqlalchemy.create_engine(server.url().replace(server.password, "wrong"))
        with pytest.raises(sqlalchemy.exc.OperationalError, match="password"):
            wrong.connect()
        wrong.dispose()
        port = server.port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_state_of_a_shared_server_is_private(keycloak: KeycloakServer) -> None:
    if keycloak.log is None:
        pytest.skip("the server was given from outside")
    state = keycloak.log.parent.parent / "state.json"
    assert json.loads(state.read_text())["base_url"] == keycloak.base_url
    assert state.stat().st_mode & 0o077 == 0
