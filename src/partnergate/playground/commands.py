"""Runs partnergate commands as a user does: in another process, with its output and exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.devstack.free_ports import answers, wait_until
from partnergate.devstack.lease import Lease
from partnergate.devstack.running import start_supervised
from partnergate.devstack.task import Task
from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SECONDS = 300
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended."""

    arguments: tuple[str, ...]
    exit_code: int
    output: str
    errors: str
    seconds: float

    @property
    def line(self) -> str:
        """The command as a user types it."""
        return " ".join(("partnergate", *self.arguments))


def run_command(*arguments: str, directory: Path, environ: Mapping[str, str], width: int = 110) -> Ran:
    """Run ``partnergate ARGUMENTS`` in ``directory``, with ``environ`` merged over the environment."""
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603 - this program itself
        [sys.executable, "-m", "partnergate", *arguments],
        cwd=directory,
        env=os.environ | {"COLUMNS": str(width)} | dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Ran(
        arguments=arguments,
        exit_code=done.returncode,
        output=done.stdout,
        errors=done.stderr,
        seconds=time.monotonic() - started,
    )


@contextmanager
def running_command(
    *arguments: str, directory: Path, environ: Mapping[str, str], ready_url: str, log: Path
) -> Iterator[None]:
    """Start ``partnergate ARGUMENTS``, wait until ``ready_url`` responds, and stop it at the end.

    It runs under a supervisor, as the servers of the devstack do, so that it stops when this process ends.
    """
    lease_path = log.with_suffix(".lease")
    lease = Lease(lease_path)
    lease.hold()
    supervisor = start_supervised(
        Task(
            argv=(sys.executable, "-m", "partnergate", *arguments),
            env=tuple(environ.items()),
            directory=str(directory),
            log=str(log),
            lease=str(lease_path),
            idle_seconds=0,
        )
    )
    try:
        wait_until(
            lambda: answers(ready_url),
            alive=supervisor.alive,
            seconds=_READY_SECONDS,
            what=" ".join(("partnergate", *arguments)),
        )
    except DevstackError as error:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise DevstackError(f"{error.what}; its log ends with:\n{tail}") from error
    else:
        yield
    finally:
        supervisor.stop()
        lease.close()
