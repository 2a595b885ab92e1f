"""Starting a supervised server, and finding one again that still runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.devstack.supervisor import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A process, safe from another one that got its number later."""

    pid: int
    started: str
    """The kernel's start time of it, or empty where the kernel does not tell."""

    @staticmethod
    def of(pid: int) -> ProcessIdentity:
        """Who has the number now."""
        return ProcessIdentity(pid=pid, started=_start_time(pid))

    def alive(self) -> bool:
        """Whether it is still this process."""
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return _start_time(self.pid) == self.started


def _start_time(pid: int) -> str:
    """Field 22 of ``/proc/<pid>/stat``; the name before it may hold anything, so count from its end."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def start_supervised(task: Task) -> subprocess.Popen[str]:
    """Run a supervisor with the task; the caller holds the lease before."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "partnergate.devstack.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    if supervisor.stdin is None:
        raise AssertionError
    supervisor.stdin.write(task.to_json())
    supervisor.stdin.close()
    return supervisor


def stop_supervisor(supervisor: ProcessIdentity, *, seconds: float = 25) -> None:
    """Ask it to stop its server, by its own number, and wait until it is gone."""
    if not supervisor.alive():
        return
    os.kill(supervisor.pid, signal.SIGTERM)
    end = time.monotonic() + seconds
    while supervisor.alive() and time.monotonic() < end:
        _reap(supervisor.pid)
        time.sleep(0.05)


def _reap(pid: int) -> None:
    """Collect it when it is our child; a zombie would look alive."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
