"""A temporary PostgreSQL cluster on loopback, from the binaries of the system."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from partnergate.devstack.free_ports import LOOPBACK, free_ports, wait_until
from partnergate.devstack.lease import Lease
from partnergate.devstack.running import start_supervised
from partnergate.devstack.task import Task
from partnergate.errors import DevstackError
from partnergate.private_files import new_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERUSER = "partnergate"
_NEEDED = ("postgres", "initdb", "pg_isready")
_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlServer:
    """A running cluster with one superuser."""

    port: int
    user: str
    password: str
    version: str

    def url(self, database: str = "postgres") -> str:
        """The URL for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://{self.user}:{self.password}@{LOOPBACK}:{self.port}/{database}"


def find_postgresql() -> Path | None:
    """The directory of ``postgres`` and ``initdb``: on the search path, or Debian's newest."""
    on_path = shutil.which("postgres")
    if on_path:
        directory = Path(on_path).resolve().parent
        if all((directory / name).exists() for name in _NEEDED):
            return directory
    kept = [
        p for p in Path("/usr/lib/postgresql").glob("*/bin") if all((p / name).exists() for name in _NEEDED)
    ]
    return max(kept, key=lambda p: float(p.parent.name), default=None)


def _account() -> str:
    """The account to run as: PostgreSQL refuses to run as root, so root uses another account."""
    if os.geteuid() != 0:
        return ""
    for name in _ACCOUNTS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise DevstackError("PostgreSQL cannot run as root, and there is no account to run it as")


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a new cluster, tuned for tests (no fsync), and remove it at the end."""
    binaries = find_postgresql()
    if binaries is None:
        raise DevstackError("no PostgreSQL server on this machine", advice="install the package postgresql")
    account = _account()
    root = Path(tempfile.mkdtemp(prefix="partnergate-postgresql-"))
    try:
        if account:
            shutil.chown(root, account)
        yield from _serve(binaries, root, account)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _serve(binaries: Path, root: Path, account: str) -> Iterator[PostgresqlServer]:
    password = secrets.token_urlsafe(18)
    data, log = root / "data", root / "postgresql.log"
    _make_cluster(binaries, root, account, password)
    (port,) = free_ports(1)
    lease = Lease(root / "lease")
    lease.hold()
    supervisor = start_supervised(
        Task(
            argv=(
                *(str(binaries / "postgres"), "-D", str(data), "-h", LOOPBACK, "-p", str(port)),
                *("-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "synchronous_commit=off"),
                *("-c", "full_page_writes=off", "-c", "timezone=UTC"),
            ),
            directory=str(root),
            log=str(log),
            lease=str(root / "lease"),
            idle_seconds=0,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions
            user=account,
            remove=str(root),
        )
    )
    ready = [str(binaries / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port)]
    try:
        wait_until(
            lambda: subprocess.run(ready, check=False).returncode == 0,  # noqa: S603 - PostgreSQL's own programs
            alive=supervisor.alive,
            seconds=60,
            what="PostgreSQL",
        )
        version = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[2]
        yield PostgresqlServer(port=port, user=SUPERUSER, password=password, version=version)
    finally:
        supervisor.stop()
        lease.close()


def _make_cluster(binaries: Path, root: Path, account: str, password: str) -> None:
    secret = root / "password"
    new_private_file(secret, password.encode())
    if account:
        shutil.chown(secret, account)
    run = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [
            *(str(binaries / "initdb"), "-D", str(root / "data"), "-U", SUPERUSER, "-E", "UTF8"),
            *("--locale=C", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"),
        ],
        cwd=root,
        user=account or None,
        group=account or None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )
    secret.unlink()
    if run.returncode != 0:
        raise DevstackError(f"initdb failed:\n{(run.stdout + run.stderr)[-2000:]}")
