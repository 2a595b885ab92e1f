"""A server in a container, if a Docker daemon responds."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from partnergate.devstack.free_ports import LOOPBACK

if TYPE_CHECKING:
    from partnergate.devstack.task import Task

_SOCKET = Path("/var/run/docker.sock")
LABEL = "partnergate.devstack.supervisor"


def docker_client() -> Any | None:
    """A client of the daemon, or None when the package or the daemon is missing.

    ``PARTNERGATE_DEVSTACK=embedded`` selects the embedded server even if a daemon responds.
    """
    if os.environ.get("PARTNERGATE_DEVSTACK") == "embedded":
        return None
    try:
        import docker  # noqa: PLC0415 - an optional dependency
    except ImportError:
        return None
    if "DOCKER_HOST" not in os.environ and not _SOCKET.exists():
        return None  # a request would leave an open socket
    try:
        client = docker.from_env(timeout=5)
        client.ping()
    except docker.errors.DockerException:
        return None
    return client


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def remove_left_behind(client: Any) -> None:
    """Remove containers whose supervisor was killed before it stopped them."""
    for container in client.containers.list(all=True, filters={"label": LABEL}):
        if not _alive(container.labels.get(LABEL, "")):
            container.remove(force=True)


class ContainerChild:
    """A container that is removed when it stops."""

    def __init__(self, task: Task, log: IO[bytes]) -> None:
        import docker  # noqa: PLC0415 - an optional dependency

        client = docker.from_env()
        remove_left_behind(client)
        self._missing = docker.errors.NotFound
        self._grace = int(task.grace_seconds)
        self._container = client.containers.run(
            task.image,
            list(task.argv),
            detach=True,
            auto_remove=True,
            environment=dict(task.env),
            labels={LABEL: str(os.getpid())},
            ports={f"{port}/tcp": (LOOPBACK, port) for port in task.ports},
        )
        threading.Thread(target=self._copy_log, args=(log,), daemon=True).start()

    def _copy_log(self, log: IO[bytes]) -> None:
        for chunk in self._container.logs(stream=True, follow=True):
            log.write(chunk)
            log.flush()

    def running(self) -> bool:
        try:
            self._container.reload()
        except self._missing:
            return False
        return bool(self._container.status in {"created", "running"})

    def stop(self) -> None:
        try:
            self._container.stop(timeout=self._grace)
        except self._missing:
            return
