"""A running third-party identity provider, with its users and one registered application."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from partnergate.devstack.free_ports import LOOPBACK, answers, free_ports, wait_until
from partnergate.devstack.identity_providers.locked_environment import command_of, locked_environment
from partnergate.devstack.identity_providers.software import Software, missing_requirement
from partnergate.devstack.lease import Lease
from partnergate.devstack.notice import Notice, SilentNotice
from partnergate.devstack.running import start_supervised
from partnergate.devstack.task import Task
from partnergate.errors import DevstackError
from partnergate.private_files import new_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 60.0
_REGISTER_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUser:
    """A user at the partner."""

    user_name: str
    password: str = field(repr=False)
    email: str
    given_name: str
    family_name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The host's product as the partner registers it (OpenID Connect and OAuth 2.0)."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    client_authentication: str = "client_secret_basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyProvider:
    """A provider that runs on loopback."""

    software: Software
    url: str
    directory: Path
    environment: Path

    def register_service_provider(self, metadata: bytes) -> None:
        """Register the host from its SAML metadata. Call it before the first login."""
        file = self.directory / "service_provider.xml"
        file.write_bytes(metadata)
        run = subprocess.run(  # noqa: S603 - the program of the locked environment
            [*command_of(self.software, self.environment), str(self.directory / "settings.json"), str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_REGISTER_SECONDS,
            check=False,
        )
        if run.returncode != 0:
            raise DevstackError(
                f"{self.software.name} rejected the metadata:\n{(run.stdout + run.stderr)[-2000:]}"
            )


@contextmanager
def third_party_provider(
    software: Software,
    *,
    accounts: tuple[ProviderUser, ...],
    application: Application | None = None,
    notice: Notice | None = None,
) -> Iterator[ThirdPartyProvider]:
    """Install the software if necessary, run it, and stop it at the end.

    ``application`` is required except for SAML. Raises ``DevstackError`` when the provider does not start.
    """
    if missing := missing_requirement(software):
        raise DevstackError(missing)
    environment = locked_environment(software, notice or SilentNotice())
    directory = Path(tempfile.mkdtemp(prefix=f"partnergate-{software.name}-"))
    try:
        (port,) = free_ports(1)
        provider = ThirdPartyProvider(
            software=software, url=f"http://{LOOPBACK}:{port}", directory=directory, environment=environment
        )
        _write_settings(provider, port, accounts, application)
        yield from _serve(provider)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _write_settings(
    provider: ThirdPartyProvider,
    port: int,
    accounts: tuple[ProviderUser, ...],
    application: Application | None,
) -> None:
    settings = {
        "url": provider.url,
        "host": LOOPBACK,
        "port": port,
        "directory": str(provider.directory),
        "environment": str(provider.environment),
        "accounts": [asdict(account) for account in accounts],
        **(asdict(application) if application else {}),
    }
    new_private_file(provider.directory / "settings.json", json.dumps(settings).encode())


def _serve(provider: ThirdPartyProvider) -> Iterator[ThirdPartyProvider]:
    directory, software = provider.directory, provider.software
    log = directory / "provider.log"
    lease = Lease(directory / "lease")
    lease.hold()
    supervisor = start_supervised(
        Task(
            argv=(*command_of(software, provider.environment), str(directory / "settings.json")),
            directory=str(directory),
            log=str(log),
            lease=str(directory / "lease"),
            idle_seconds=0,
            grace_seconds=2,
            remove=str(directory),
        )
    )
    try:
        try:
            wait_until(
                lambda: answers(provider.url + software.ready_path),
                alive=supervisor.alive,
                seconds=_START_SECONDS,
                what=software.name,
            )
        except DevstackError as error:
            written = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise DevstackError(f"{error}\n{written}") from error
        yield provider
    finally:
        supervisor.stop()
        lease.close()
