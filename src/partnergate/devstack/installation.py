"""Keycloak prepared once: unpacked, built, and with the database of a first start.

A server started from a prepared installation needs neither the build nor the schema migration, which
together are most of a first start. The build and the first start happen in the cache, once for each
version, Java and set of options.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from partnergate.devstack.cache import cache_directory, exclusive
from partnergate.devstack.distribution import NEWEST, archive
from partnergate.devstack.free_ports import LOOPBACK, answers, free_ports, wait_until
from partnergate.devstack.java import Java, find_java
from partnergate.errors import DevstackError
from partnergate.private_files import new_private_file

if TYPE_CHECKING:
    from partnergate.devstack.distribution import Distribution
    from partnergate.devstack.notice import Notice

DEV_FILE: Final = "dev-file"
POSTGRES: Final = "postgres"
_LAYOUT = "1"
"""Increase it when the preparation changes."""
ADMIN_USER = "admin"
_THREAD_FACTORY = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
_ADD_OPENS = ("java.util", "java.util.concurrent", "java.security", "java.lang")
_LINKED = ("lib", "conf", "providers", "themes", "bin", "version.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A prepared Keycloak. It is read-only from then on."""

    home: Path
    seed: Path
    """The database files after the first start; none for PostgreSQL."""
    admin_password: str
    java: Java

    def make_home(self, home: Path, *, seeded: bool = True) -> None:
        """Create the home of one server: links to the program, and a copy of the data."""
        home.mkdir(parents=True, exist_ok=True)
        for name in _LINKED:
            link = home / name
            if not link.is_symlink():
                link.symlink_to(self.home / name)
        database = home / "data" / "h2"
        if seeded and not database.exists():
            shutil.copytree(self.seed, database)

    def command(self, home: Path, *, http_port: int, management_port: int) -> tuple[str, ...]:
        """The server's command line: production mode, already built, plain HTTP on loopback."""
        return (
            str(self.java.executable),
            *_java_options(home),
            "-cp",
            str(self.home / "lib" / "quarkus-run.jar"),
            "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
            "start",
            "--optimized",
            "--cache=local",  # no cluster: the default would listen beyond loopback
            "--http-enabled=true",
            "--hostname-strict=false",
            f"--http-host={LOOPBACK}",
            f"--http-port={http_port}",
            f"--http-management-host={LOOPBACK}",
            f"--http-management-port={management_port}",
            "--log-level=INFO,io.smallrye.health:WARN",
        )


def _java_options(home: Path) -> tuple[str, ...]:
    return (
        "-Dkc.config.built=true",
        f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREAD_FACTORY}",
        "-Xms256m",
        "-Xmx768m",
        "-XX:MetaspaceSize=96M",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # short runs on few cores: fast compilation beats optimized code
        "-XX:+ExitOnOutOfMemoryError",
        "-Dfile.encoding=UTF-8",
        "-Djava.security.egd=file:/dev/urandom",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _ADD_OPENS),
        "-Duser.language=en",
        "-Duser.country=US",
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dpicocli.disable.closures=true",
    )


def build_options(database: str) -> tuple[str, ...]:
    """Options that are fixed when Keycloak is built, such as the kind of database."""
    return (f"--db={database}", "--health-enabled=true")


def installation(notice: Notice, pinned: Distribution = NEWEST, database: str = DEV_FILE) -> Installation:
    """The prepared Keycloak of this user, for one kind of database.

    If ``KEYCLOAK_HOME`` is set, it is the newest version; otherwise the pinned distribution is.
    """
    java = find_java()
    given = os.environ.get("KEYCLOAK_HOME", "") if pinned == NEWEST else ""
    material = [_LAYOUT, pinned.version, given or pinned.sha256, str(java.major), *build_options(database)]
    key = hashlib.sha256("\n".join(material).encode()).hexdigest()[:12]
    root = cache_directory() / "keycloak" / f"{pinned.version}-{key}"
    with exclusive(root.with_suffix(".lock")):
        if not root.exists():
            _prepare(root, java, Path(given) if given else pinned, notice, database)
    password = json.loads((root / "admin.json").read_text())["password"]
    return Installation(home=root / "home", seed=root / "seed", admin_password=password, java=java)


def _prepare(root: Path, java: Java, given: Path | Distribution, notice: Notice, database: str) -> None:
    """Unpack, build and start once next to ``root``, then rename the result to ``root``.

    For PostgreSQL, there is no first start: the server creates its schema in the given database.
    """
    work = root.with_name(root.name + ".preparing")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if not isinstance(given, Path):
        source = archive(notice, given)
        notice.report("unpacking Keycloak")
        with zipfile.ZipFile(source) as packed:
            packed.extractall(work)
        (work / f"keycloak-{given.version}").rename(work / "home")
    else:
        if not (given / "lib" / "quarkus-run.jar").exists():
            raise DevstackError("KEYCLOAK_HOME does not contain a Keycloak distribution", target=str(given))
        shutil.copytree(given, work / "home", ignore=shutil.ignore_patterns("data"))
    notice.report("building Keycloak (once)")
    _build(work / "home", java, database)
    password = secrets.token_urlsafe(18)
    if database == DEV_FILE:
        notice.report("creating the first database (once)")
        fresh = Installation(home=work / "home", seed=work / "seed", admin_password=password, java=java)
        _first_start(fresh, work / "first")
        shutil.copytree(work / "first" / "data" / "h2", work / "seed")
        shutil.rmtree(work / "first")
    administrator = {"user": ADMIN_USER, "password": password}
    new_private_file(work / "admin.json", json.dumps(administrator).encode())
    work.rename(root)


def _build(home: Path, java: Java, database: str) -> None:
    run = subprocess.run(  # noqa: S603 - programs of the verified installation
        ["/bin/sh", str(home / "bin" / "kc.sh"), "build", *build_options(database)],
        env=os.environ | {"JAVA": str(java.executable), "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx1g"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if run.returncode != 0:
        raise DevstackError(f"the build of Keycloak failed:\n{(run.stdout + run.stderr)[-2000:]}")


def _first_start(fresh: Installation, home: Path) -> None:
    fresh.make_home(home, seeded=False)
    http_port, management_port = free_ports(2)
    log = home / "first.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - programs of the verified installation
            fresh.command(home, http_port=http_port, management_port=management_port),
            cwd=home,
            env=os.environ
            | {
                "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN_USER,
                "KC_BOOTSTRAP_ADMIN_PASSWORD": fresh.admin_password,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(
            lambda: answers(f"http://{LOOPBACK}:{management_port}/health/ready"),
            alive=lambda: server.poll() is None,
            seconds=180,
            what="Keycloak",
        )
    except DevstackError as error:
        raise DevstackError(f"{error.what}; its log ends with:\n{log.read_text()[-2000:]}") from error
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
