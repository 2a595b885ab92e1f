"""Starts a supervised server, and finds one that is still running."""

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
    from partnergate.devstack.task import Task

_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A process, distinguishable from a later process with the same number."""

    pid: int
    started: str
    """Its start time according to the kernel; empty if the kernel does not provide it."""

    @staticmethod
    def of(pid: int) -> ProcessIdentity:
        """The process that has the number now."""
        return ProcessIdentity(pid=pid, started=_start_time(pid))

    def alive(self) -> bool:
        """Whether this process still runs."""
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return _start_time(self.pid) == self.started


def _start_time(pid: int) -> str:
    """Field 22 of ``/proc/<pid>/stat``; the name before it may contain anything, so count from its end."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


class Supervisor:
    """A supervisor started by this process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.identity = ProcessIdentity.of(process.pid)

    def alive(self) -> bool:
        """Whether it still runs, and therefore its server."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait until it ends. Returns its exit code."""
        return self._process.wait(seconds)

    def stop(self) -> None:
        """Stop it and its server, and wait until both have ended."""
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)

    def leave_running(self) -> None:
        """Keep it running after this process ends; its lease decides when it stops."""
        self._process.returncode = 0  # otherwise the interpreter warns about a child process that still runs


def start_supervised(task: Task) -> Supervisor:
    """Start a supervisor for the task. The caller must hold the lease already."""
    process = subprocess.Popen(
        [sys.executable, "-m", "partnergate.devstack.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    if process.stdin is None:
        raise AssertionError
    process.stdin.write(task.to_json())
    process.stdin.close()
    return Supervisor(process)


def stop_other(supervisor: ProcessIdentity) -> None:
    """Stop a supervisor that another process started."""
    if not supervisor.alive():
        return
    os.kill(supervisor.pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while supervisor.alive() and time.monotonic() < end:
        time.sleep(0.05)
