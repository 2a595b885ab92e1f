"""The task of a supervisor: one server, its environment, and its maximum idle time."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A server to run."""

    argv: tuple[str, ...] = ()
    image: str = ""
    """A container to run instead of ``argv``'s process; ``argv`` are then its arguments."""
    ports: tuple[int, ...] = ()
    """Container only: published on the loopback address under the same number."""
    env: tuple[tuple[str, str], ...] = ()
    """Added to the environment."""
    directory: str
    log: str
    lease: str
    idle_seconds: float
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 15
    user: str = ""
    """Run the process as this user; only root can."""
    state: str = ""
    """A file to remove before the server stops, so that no other process finds the server through it."""
    remove: str = ""
    """A directory to remove after the server stopped, also when its user crashed."""

    def to_json(self) -> str:
        """The form that ``from_json`` reads."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Task:
        """Read a task."""
        values = json.loads(text)
        return Task(
            **values
            | {
                "argv": tuple(values["argv"]),
                "ports": tuple(values["ports"]),
                "env": tuple((k, v) for k, v in values["env"]),
            }
        )
