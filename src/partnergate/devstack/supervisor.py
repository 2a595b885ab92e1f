"""Runs one server as a child process, and stops it when its lease has no holder any more.

``python -m partnergate.devstack.supervisor`` reads a ``Task`` as JSON from its standard input. It
runs in its own session, so that an interrupt at the terminal does not reach the server directly.
If the supervisor is killed, the kernel ends the server (Linux).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Protocol

from partnergate.devstack.container import ContainerChild
from partnergate.devstack.lease import Lease
from partnergate.devstack.task import Task

_PR_SET_PDEATHSIG = 1


class Child(Protocol):
    """A running server."""

    def running(self) -> bool:
        """Whether it still runs."""

    def stop(self) -> None:
        """Stop it; returns after it has ended."""


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class ProcessChild:
    """A server as a process of this machine."""

    def __init__(self, task: Task, log: IO[bytes]) -> None:
        self._task = task
        self._process = subprocess.Popen(  # noqa: S603 - the server that the devstack starts
            task.argv,
            cwd=task.directory,
            env=os.environ | dict(task.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=task.user or None,
            group=task.user or None,
            extra_groups=[] if task.user else None,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
        )

    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        if self.running():
            self._process.send_signal(self._task.stop_signal)
        try:
            self._process.wait(self._task.grace_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start(task: Task, log: IO[bytes]) -> Child:
    return ContainerChild(task, log) if task.image else ProcessChild(task, log)


def supervise(task: Task) -> int:
    """Run the server until it ends, a signal arrives, or it has no users. Returns the exit code."""
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: signals.append(received))
    lease = Lease(Path(task.lease))
    with Path(task.log).open("ab") as log:
        child = _start(task, log)
        unused_since = time.monotonic()
        while child.running() and not signals:
            if lease.seize():
                if time.monotonic() - unused_since >= task.idle_seconds:
                    break
                lease.release()
            else:
                unused_since = time.monotonic()
            time.sleep(0.25)
        ended_alone = not child.running()
        if task.state:
            Path(task.state).unlink(missing_ok=True)
        child.stop()
    if task.remove:
        shutil.rmtree(task.remove, ignore_errors=True)
    lease.close()
    return 1 if ended_alone else 0


if __name__ == "__main__":
    sys.exit(supervise(Task.from_json(sys.stdin.read())))
