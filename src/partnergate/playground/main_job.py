"""One run of the main job: a workspace, a server, the cast, and the commands that connect them.

The demo shows it to a user and the integration suite checks it; both run the same commands.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.language.load import load_workspace
from partnergate.login.browser import LoginRefusedError
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
    from partnergate.playground.cast import Cast, PartnerUser

ENVIRONMENT = "demo"
HOST_REALM = "host-demo"
IDP_SUFFIX = "-idp"


@dataclass(frozen=True, slots=True, kw_only=True)
class MainJob:
    """One run. Its secrets are generated for it and exist only here and in the servers."""

    server: KeycloakServer
    root: Path
    """The workspace: ``partners`` and ``realm_templates``."""
    work: Path
    """The directory for the database, logs and documents of this run."""
    app_url: str
    """URL of the host's product."""
    launch_url: str = ""
    """URL of the sidecar, which the launch links open; empty when the run has no sidecar."""
    cast: Cast
    client_secrets: Mapping[str, str] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> str:
        """The environment of the workspace that this run uses."""
        return ENVIRONMENT

    @property
    def store_url(self) -> str:
        """URL of the database of this run."""
        return f"sqlite:///{self.work / 'partnergate.db'}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of the commands of this run."""
        return {
            "PARTNERGATE_VAR_SERVER_URL": self.server.base_url,
            "PARTNERGATE_VAR_DEMO_IDP": self.server.base_url,
            "PARTNERGATE_VAR_DEMO_APP": self.app_url,
            **({"PARTNERGATE_VAR_DEMO_LAUNCH": self.launch_url} if self.launch_url else {}),
            "PARTNERGATE_KEYCLOAK_URL": self.server.base_url,
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
        """The workspace, loaded for the environment of this run."""
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
        """Create the partners' identity providers with their users."""
        with self.connection() as server:
            make_partner_realms(server, self.cast)

    def hand_off(self) -> None:
        """Register the host at each partner. The host's providers must exist already."""
        with self.connection() as server:
            register_host_everywhere(server, self.cast, self.workspace(), self.client_secrets)

    def log_in(self, who: PartnerUser, *, alias: str | None = None, browser: Browser | None = None) -> Login:
        """Log ``who`` in at the host, through their own provider or through ``alias``."""
        return log_in(
            self.application(),
            alias=alias or who.alias,
            credentials=self.cast.credentials(who),
            browser=browser,
        )

    def launch(self, who: PartnerUser, *, browser: Browser) -> Login:
        """Open the launch link of ``who``; the sidecar redirects the browser to the product.

        If the browser has a session of another partner, confirm that it ends, as a user does.
        """
        link = f"{self.launch_url}/launch/{who.partner}"
        login_url = f"{self.app_url}/login"
        try:
            arrived = browser.walk(link, until=login_url)
        except LoginRefusedError as question:
            forms = question.page.forms if question.page else ()
            if [form.action for form in forms] != [f"{self.launch_url}/sign-in/switch"]:
                raise
            arrived = browser.walk(browser.send(forms[0]).headers["Location"], until=login_url)
        hint = parse_qs(urlsplit(arrived).query)["kc_idp_hint"][0]
        return self.log_in(who, alias=hint, browser=browser)


def new_job(
    server: KeycloakServer,
    *,
    root: Path,
    work: Path,
    app_url: str,
    launch_url: str = "",
    idp_suffix: str = IDP_SUFFIX,
) -> MainJob:
    """A run with new secrets. The realm of a partner's identity provider is ``<partner><idp_suffix>``."""
    work.mkdir(parents=True, exist_ok=True)
    return MainJob(
        server=server,
        root=root,
        work=work,
        app_url=app_url,
        launch_url=launch_url,
        cast=new_cast(idp_suffix),
        client_secrets=new_secrets(),
        keys={
            "PARTNERGATE_FINGERPRINT_KEY": secrets.token_hex(32),
            "PARTNERGATE_LAUNCH_KEY": secrets.token_hex(32),
        },
    )
