"""The whole line in one place: a workspace, a server, the cast, and the commands between them.

The demo walks it for a person, the line suite walks it for CI; both through the same commands.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.language.load import load_workspace
from partnergate.login.http_login import HostApplication, Login, log_in
from partnergate.playground.cast import (
    make_partner_realms,
    new_cast,
    new_secrets,
    register_host_everywhere,
)
from partnergate.playground.commands import Ran, run_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partnergate.devstack import KeycloakServer
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.login.browser import Browser
    from partnergate.model.workspace import Workspace
    from partnergate.playground.cast import Cast, Person

ENVIRONMENT = "demo"
HOST_REALM = "host-demo"
IDP_SUFFIX = "-idp"
_COPIED = ("partners", "realm_templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One run of the main job. Secrets are made for it and live only here and in the servers."""

    server: KeycloakServer
    root: Path
    """The workspace: ``partners`` and ``realm_templates``."""
    work: Path
    """Where this run keeps its database, logs and documents."""
    app_url: str
    """The host's product."""
    launch_url: str = ""
    """The sidecar, which the partners' buttons open; empty where the run has none."""
    cast: Cast
    client_secrets: Mapping[str, str] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> str:
        """The environment of the workspace that is played."""
        return ENVIRONMENT

    @property
    def store_url(self) -> str:
        """The database of this run."""
        return f"sqlite:///{self.work / 'partnergate.db'}"

    @property
    def environ(self) -> dict[str, str]:
        """What the commands of this run find in their environment."""
        return {
            "PARTNERGATE_SERVER_URL": self.server.base_url,
            "PARTNERGATE_DEMO_IDP": self.server.base_url,
            "PARTNERGATE_DEMO_APP": self.app_url,
            **({"PARTNERGATE_DEMO_LAUNCH": self.launch_url} if self.launch_url else {}),
            "PARTNERGATE_KEYCLOAK_USER": self.server.admin_user,
            "PARTNERGATE_KEYCLOAK_PASSWORD": self.server.admin_password,
            "PARTNERGATE_STATE_DIR": str(self.work),
            "PARTNERGATE_STORE": self.store_url,
            **self.client_secrets,
            **self.keys,
        }

    def command(self, *arguments: str) -> Ran:
        """Run ``partnergate ARGUMENTS`` in the workspace."""
        return run_command(*arguments, directory=self.root, environ=self.environ)

    def workspace(self) -> Workspace:
        """What the files say for the environment of this run."""
        loaded, found = load_workspace(self.root, ENVIRONMENT, variables=self.environ)
        if loaded is None:
            raise AssertionError(found)
        return loaded

    def connection(self) -> KeycloakConnection:
        """The Admin API of the host's realm, as the server's administrator."""
        credentials = AdminUser(user=self.server.admin_user, password=self.server.admin_password)
        return connect(
            server_url=self.server.base_url, realm=self.workspace().realm.realm, credentials=credentials
        )

    def application(self) -> HostApplication:
        """The host's product as a client of the realm."""
        return HostApplication(
            base_url=self.server.base_url,
            realm=self.workspace().realm.realm,
            client_id="host-app",
            redirect_uri=f"{self.app_url}/callback",
        )

    def start_partners(self) -> None:
        """Make the partners' own identity providers with their people."""
        with self.connection() as server:
            make_partner_realms(server, self.cast)

    def hand_off(self) -> None:
        """Register the host at each partner; the host's providers must be there."""
        with self.connection() as server:
            register_host_everywhere(server, self.cast, self.workspace(), self.client_secrets)

    def log_in(self, who: Person, *, alias: str | None = None, browser: Browser | None = None) -> Login:
        """Log ``who`` in at the host, through their own provider or through ``alias``."""
        return log_in(
            self.application(),
            alias=alias or who.alias,
            credentials=self.cast.credentials(who),
            browser=browser,
        )

    def launch(self, who: Person, *, browser: Browser) -> Login:
        """Press the button on the platform of ``who``: the sidecar sends the browser on to the product."""
        pressed = f"{self.launch_url}/launch/{who.partner}"
        arrived = browser.walk(pressed, until=f"{self.app_url}/login")
        hint = parse_qs(urlsplit(arrived).query)["kc_idp_hint"][0]
        return self.log_in(who, alias=hint, browser=browser)

    def clean_up(self) -> None:
        """Delete the realms of this run from the server."""
        with self.connection() as server:
            for realm in (server.realm, *(idp.realm for idp in self.cast.idps.values())):
                if server.get_or_none(f"/admin/realms/{realm}") is not None:
                    server.delete(f"/admin/realms/{realm}")


def new_line(
    server: KeycloakServer, *, root: Path, work: Path, app_url: str, launch_url: str = "", suffix: str = ""
) -> Line:
    """A run with new secrets.

    With ``suffix`` the run plays in a copy of the workspace whose realms carry it, so that several
    runs can share a server.
    """
    work.mkdir(parents=True, exist_ok=True)
    return Line(
        server=server,
        root=_renamed_copy(root, work / "workspace", suffix) if suffix else root,
        work=work,
        app_url=app_url,
        launch_url=launch_url,
        cast=new_cast(f"{IDP_SUFFIX}{suffix}"),
        client_secrets=new_secrets(),
        keys={
            "PARTNERGATE_FINGERPRINT_KEY": secrets.token_hex(32),
            "PARTNERGATE_LAUNCH_KEY": secrets.token_hex(32),
        },
    )


def _renamed_copy(root: Path, target: Path, suffix: str) -> Path:
    for name in _COPIED:
        shutil.copytree(root / name, target / name, dirs_exist_ok=True)
    for file in [*(target / "partners").glob("*.yaml"), target / "realm_templates" / f"{ENVIRONMENT}.yaml"]:
        text = file.read_text(encoding="utf-8")
        for partner_realm in ("acme", "globex", "initech"):
            text = text.replace(
                f"/realms/{partner_realm}{IDP_SUFFIX}", f"/realms/{partner_realm}{IDP_SUFFIX}{suffix}"
            )
        file.write_text(
            text.replace(f"realm: {HOST_REALM}", f"realm: {HOST_REALM}{suffix}"), encoding="utf-8"
        )
    return target
