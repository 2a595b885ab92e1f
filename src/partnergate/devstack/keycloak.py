"""A real Keycloak for the demo, tests and development: embedded, in a container, or an existing server."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from partnergate.devstack.cache import cache_directory, exclusive
from partnergate.devstack.container import docker_client
from partnergate.devstack.distribution import KEYCLOAK_VERSION, NEWEST
from partnergate.devstack.free_ports import LOOPBACK, answers, free_ports, wait_until
from partnergate.devstack.installation import ADMIN_USER, DEV_FILE, POSTGRES, installation
from partnergate.devstack.lease import Lease
from partnergate.devstack.notice import Notice, SilentNotice
from partnergate.devstack.running import ProcessIdentity, Supervisor, start_supervised, stop_other
from partnergate.devstack.task import Task
from partnergate.errors import DevstackError
from partnergate.private_files import replace_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.devstack.distribution import Distribution
    from partnergate.devstack.postgresql import PostgresqlServer

IMAGE = "quay.io/keycloak/keycloak"
START_SECONDS = 180.0
REUSE_IDLE_SECONDS = 900.0
"""How long a shared server waits for its next user."""
_NO_SETTINGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeycloakServer:
    """A running server on loopback, and its administrator."""

    base_url: str
    admin_user: str
    admin_password: str
    version: str
    kind: str
    """``embedded``, ``container`` or ``given``."""
    log: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The data with which another process finds a shared server."""

    version: str
    kind: str
    base_url: str
    health_url: str
    admin_user: str
    admin_password: str
    log: str
    pid: int
    started: str

    @property
    def supervisor(self) -> ProcessIdentity:
        return ProcessIdentity(pid=self.pid, started=self.started)

    def server(self) -> KeycloakServer:
        return KeycloakServer(
            base_url=self.base_url,
            admin_user=self.admin_user,
            admin_password=self.admin_password,
            version=self.version,
            kind=self.kind,
            log=Path(self.log),
        )


@contextmanager
def keycloak_server(
    *,
    reuse: str | None = None,
    directory: Path | None = None,
    notice: Notice | None = None,
    pinned: Distribution = NEWEST,
    settings: Mapping[str, str] = _NO_SETTINGS,
    database: PostgresqlServer | None = None,
) -> Iterator[KeycloakServer]:
    """Start a Keycloak, or use a running one, and stop it at the end.

    ``reuse``: the name of a server that later callers share. A healthy one of this version is used,
    otherwise one is started; it stops after 15 minutes without a user.
    ``directory``: where a server that is not shared keeps its data and log.
    ``pinned``: another version than the newest. Such a server is not shared.
    ``settings``: options by the names of their environment variables (``KC_...``). Not shared either.
    ``database``: the cluster in whose database ``postgres`` the schema is created. Not shared either.

    With ``PARTNERGATE_TEST_KEYCLOAK_URL`` set, that server is used unless one of the last three is given;
    it is never stopped. Raises ``DevstackError`` when the server does not start.
    """
    progress = notice or SilentNotice()
    given = _given()
    if pinned != NEWEST or settings or database is not None:
        yield from _own(directory, progress, pinned, settings, database)
    elif given is not None:
        yield given
    elif reuse is not None:
        yield from _reused(reuse, progress)
    else:
        yield from _own(directory, progress, pinned, settings, None)


def _given() -> KeycloakServer | None:
    url = os.environ.get("PARTNERGATE_TEST_KEYCLOAK_URL")
    if not url:
        return None
    return KeycloakServer(
        base_url=url.rstrip("/"),
        admin_user=os.environ.get("PARTNERGATE_KEYCLOAK_ADMIN", "admin"),
        admin_password=os.environ.get("PARTNERGATE_KEYCLOAK_ADMIN_PASSWORD", "admin"),
        version=KEYCLOAK_VERSION,
        kind="given",
    )


def _own(
    directory: Path | None,
    notice: Notice,
    pinned: Distribution,
    settings: Mapping[str, str],
    database: PostgresqlServer | None,
) -> Iterator[KeycloakServer]:
    root = directory or Path(tempfile.mkdtemp(prefix="partnergate-keycloak-"))
    lease, state, supervisor = _start(
        root,
        notice,
        pinned,
        idle_seconds=0,
        state_file=None,
        remove="" if directory else str(root),
        settings=settings,
        database=database,
    )
    try:
        yield state.server()
    finally:
        supervisor.stop()
        lease.close()


def _reused(name: str, notice: Notice) -> Iterator[KeycloakServer]:
    root = cache_directory() / "running" / name
    state_file = root / "state.json"
    with exclusive(root / "start.lock"):
        found = _find(root, state_file)
        if found is None:
            lease, state, supervisor = _start(
                _fresh_directory(root),
                notice,
                NEWEST,
                idle_seconds=REUSE_IDLE_SECONDS,
                state_file=state_file,
            )
            supervisor.leave_running()
        else:
            lease, state = found
    try:
        yield state.server()
    finally:
        lease.close()


def _fresh_directory(root: Path) -> Path:
    """An empty directory for the data. The lease file stays, because a stopping supervisor may hold it."""
    for old in root.glob("server-*"):
        shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="server-", dir=root))


def _find(root: Path, state_file: Path) -> tuple[Lease, _State] | None:
    """The shared server with its lease held, if it is healthy and of this version; otherwise stop it."""
    try:
        state = _State(**json.loads(state_file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    lease = Lease(root / "lease")
    lease.hold()
    healthy = state.supervisor.alive() and state_file.exists() and answers(state.health_url)
    if healthy and state.version == KEYCLOAK_VERSION:
        return lease, state
    lease.close()
    stop_other(state.supervisor)
    state_file.unlink(missing_ok=True)
    return None


def _start(
    root: Path,
    notice: Notice,
    pinned: Distribution,
    *,
    idle_seconds: float,
    state_file: Path | None,
    remove: str = "",
    settings: Mapping[str, str] = _NO_SETTINGS,
    database: PostgresqlServer | None = None,
) -> tuple[Lease, _State, Supervisor]:
    root.mkdir(parents=True, exist_ok=True)
    http_port, management_port = free_ports(2)
    lease_path = (state_file.parent if state_file else root) / "lease"
    task, kind, password = _task(
        root,
        notice,
        pinned,
        http_port=http_port,
        management_port=management_port,
        lease=lease_path,
        database=database,
    )
    task = replace(
        task,
        idle_seconds=idle_seconds,
        state=str(state_file or ""),
        remove=remove,
        env=(*task.env, *settings.items()),
    )
    lease = Lease(lease_path)
    lease.hold()
    notice.report(f"starting Keycloak {pinned.version} ({kind})")
    supervisor = start_supervised(task)
    health = f"http://{LOOPBACK}:{management_port}/health/ready"
    _await_ready(health, supervisor, lease, Path(task.log))
    state = _State(
        version=pinned.version,
        kind=kind,
        base_url=f"http://localhost:{http_port}",
        health_url=health,
        admin_user=ADMIN_USER,
        admin_password=password,
        log=task.log,
        pid=supervisor.identity.pid,
        started=supervisor.identity.started,
    )
    if state_file is not None:
        replace_private_file(state_file, json.dumps(asdict(state)).encode())
    return lease, state, supervisor


def _await_ready(health: str, supervisor: Supervisor, lease: Lease, log: Path) -> None:
    """Wait for the server. If it does not start, stop it and raise an error with the end of its log."""
    try:
        wait_until(
            lambda: answers(health),
            alive=supervisor.alive,
            seconds=START_SECONDS,
            what="Keycloak",
        )
    except DevstackError as error:
        supervisor.stop()
        lease.close()
        raise DevstackError(f"{error.what}; its log ends with:\n{_tail(log)}") from error


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else "(no log file)"


def _task(
    root: Path,
    notice: Notice,
    pinned: Distribution,
    *,
    http_port: int,
    management_port: int,
    lease: Path,
    database: PostgresqlServer | None,
) -> tuple[Task, str, str]:
    """The task, the kind of server, and the administrator's password."""
    log = str(root / "keycloak.log")
    if database is None and docker_client() is not None:  # a container does not reach the host's loopback
        password = secrets.token_urlsafe(18)
        task = Task(
            image=f"{IMAGE}:{pinned.version}",
            argv=_container_arguments(http_port, management_port),
            ports=(http_port, management_port),
            env=(("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN_USER), ("KC_BOOTSTRAP_ADMIN_PASSWORD", password)),
            directory=str(root),
            log=log,
            lease=str(lease),
            idle_seconds=0,
        )
        return task, "container", password
    prepared = installation(notice, pinned, DEV_FILE if database is None else POSTGRES)
    home = root / "home"
    shutil.rmtree(home, ignore_errors=True)
    prepared.make_home(home, seeded=database is None)
    task = Task(
        argv=prepared.command(home, http_port=http_port, management_port=management_port),
        env=() if database is None else _database_environment(database, prepared.admin_password),
        directory=str(home),
        log=log,
        lease=str(lease),
        idle_seconds=0,
    )
    return task, "embedded", prepared.admin_password


def _database_environment(database: PostgresqlServer, password: str) -> tuple[tuple[str, str], ...]:
    """Database and first administrator as environment variables, which keeps them off the command line."""
    return (
        ("KC_DB_URL", f"jdbc:postgresql://{LOOPBACK}:{database.port}/postgres"),
        ("KC_DB_USERNAME", database.user),
        ("KC_DB_PASSWORD", database.password),
        ("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN_USER),
        ("KC_BOOTSTRAP_ADMIN_PASSWORD", password),
    )


def _container_arguments(http_port: int, management_port: int) -> tuple[str, ...]:
    """Arguments of the container. It listens on the published port, so that its own URL works inside."""
    return (
        "start-dev",
        f"--http-port={http_port}",
        f"--http-management-port={management_port}",
        "--health-enabled=true",
    )
