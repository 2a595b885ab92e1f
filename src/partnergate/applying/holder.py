"""The identity of this process, to distinguish a lock of a crashed run from one that is held."""

from __future__ import annotations

import getpass
import os
import platform
import secrets
from pathlib import Path

_START_TIME_FIELD = 19
"""Index of ``starttime`` after the command name in ``/proc/<pid>/stat``."""


def process_space() -> str:
    """The machine, boot and process namespace in which a process ID is unique; empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").readlink()
    except OSError:
        return ""
    return f"{platform.node()} {boot} {namespace}"


def process_identity(process: int | None = None) -> str:
    """A process ID with its start time, because IDs are reused; empty without such a process."""
    number = os.getpid() if process is None else process
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    # An ended process that its parent has not waited for yet is listed as a zombie.
    return "" if fields[0] == "Z" else f"{number} {fields[_START_TIME_FIELD]}"


def is_alive(identity: str) -> bool:
    """Whether that process still runs; an unknown identity counts as alive."""
    number = identity.partition(" ")[0]
    return not number.isdigit() or process_identity(int(number)) == identity


def holder_name() -> str:
    """User, machine and process, as text."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user} on {platform.node()}, process {os.getpid()}"


def run_id() -> str:
    """Return an ID that is unique to this run."""
    return secrets.token_hex(16)
