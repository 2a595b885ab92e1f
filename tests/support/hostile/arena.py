"""A host realm whose partners are hostile servers, deployed by the real engine.

What an attack meets here is what a partner's file makes in production: the same desired state, plan
and executor. Only the partners' addresses are loopback.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from hostile.oidc import OidcKeys, OidcScript
from hostile.saml import SamlKey, SamlScript, saml_key
from hostile.server import HostileServer
from partnergate import __version__
from partnergate.applying.executor import apply_plan
from partnergate.errors import ApplyError
from partnergate.keycloak.connection import KeycloakConnection, connect, segment
from partnergate.keycloak.credentials import AdminUser
from partnergate.keycloak.lock import Holder, KeycloakLock
from partnergate.keycloak.reader import KeycloakReader
from partnergate.keycloak.secrets import KeyedFingerprints, SecretCheck, SecretResolver
from partnergate.keycloak.write.realm_writer import KeycloakWriter
from partnergate.login.http_login import HostApplication
from partnergate.model.environment import HostClient, HostRole, LaunchSettings, NetworkPolicy, RealmSpec
from partnergate.model.launch_client import launch_client
from partnergate.model.partner import (
    Alias,
    EnvironmentName,
    Identity,
    Oauth2SignIn,
    OidcSignIn,
    PartnerId,
    PartnerSpec,
    ProviderSpec,
    RoleGrant,
    SamlSignIn,
    SecretRef,
    SecretSource,
    SourceFile,
    Stage,
)
from partnergate.planning.plan import make_plan
from partnergate.playground.real_clock import now
from partnergate.realm.desired import desired_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer

CLIENT_ID = "host-app"
OIDC, OTHER, OAUTH2, SAML = "oscorp", "other", "oauthcorp", "samlcorp"
"""The partners: OpenID Connect twice, plain OAuth 2.0, SAML 2.0."""
_SECRET_NAME = "ARENA_CLIENT_SECRET"
_CALLBACK = "http://localhost:9/callback"
"""No server listens at this address; the test browser stops before requesting it."""


@dataclass(slots=True, kw_only=True)
class Arena:
    """The deployed realm and its partners."""

    connection: KeycloakConnection
    realm: RealmSpec
    partners: dict[str, PartnerSpec]
    servers: dict[str, HostileServer]
    key: SamlKey
    client_secret: str = field(repr=False)
    keys: dict[str, OidcKeys] = field(default_factory=dict, repr=False)
    """One pair per partner, because Keycloak caches a JWKS."""

    @property
    def app(self) -> HostApplication:
        """The host's product."""
        return HostApplication(
            base_url=self.realm.server_url,
            realm=self.realm.realm,
            client_id=CLIENT_ID,
            redirect_uri=_CALLBACK,
        )

    def oidc(self, alias: str = OIDC, **bent: Any) -> OidcScript:
        """Set the script of that partner: a correct one, modified by ``bent``."""
        script = OidcScript(
            issuer=self.servers[alias].url,
            client_id=CLIENT_ID,
            client_secret=self.client_secret,
            keys=self.keys.setdefault(alias, OidcKeys()),
        )
        for name, value in bent.items():
            setattr(script, name, value)
        self.servers[alias].script = script
        return script

    def saml(self, **bent: Any) -> SamlScript:
        """As ``oidc``, for the SAML partner."""
        script = SamlScript(entity_id=self.servers[SAML].url, key=self.key)
        for name, value in bent.items():
            setattr(script, name, value)
        self.servers[SAML].script = script
        return script

    def deploy(self, *changed: PartnerSpec) -> None:
        """Apply the current partners to the realm."""
        self.partners |= {p.partner: p for p in changed}
        resolve = SecretResolver(environ={_SECRET_NAME: self.client_secret})
        fingerprints = KeyedFingerprints(key=b"arena" * 8, resolve=resolve)
        reader = KeycloakReader(self.connection)
        actual = reader.read_or_empty()
        plan = make_plan(
            self.realm,
            tuple(self.partners.values()),
            desired=desired_state(
                self.realm,
                tuple(self.partners.values()),
                fingerprints=fingerprints,
                server_version=actual.server_version,
            ),
            actual=actual,
            created_at=now(),
            tool_version=__version__,
            linked_users=reader.linked_users,
        )
        check = SecretCheck(
            fingerprints=fingerprints, server_url=self.realm.server_url, realm=self.realm.realm
        )
        make_writer = partial(KeycloakWriter, self.connection, resolve=resolve, check_secret=check)
        report = apply_plan(
            plan,
            read_state=reader.read_or_empty,
            writer=lambda: make_writer(reader.representation),
            lock=_lock(self.connection),
        )
        if not report.is_complete:
            raise ApplyError(f"the arena was not deployed: {report}")

    def users(self) -> list[dict[str, Any]]:
        """Every user of the realm."""
        found: list[dict[str, Any]] = self.connection.get("users", briefRepresentation=False, max=1000)
        return found

    def last_error(self) -> dict[str, Any]:
        """The newest error event."""
        events: list[dict[str, Any]] = self.connection.get("events", max=50)
        return next((e for e in events if "error" in e), {})

    def forget_users(self) -> None:
        """Remove every user, so that the next login is a first one."""
        for user in self.users():
            self.connection.delete(f"users/{user['id']}")


def _lock(connection: KeycloakConnection) -> KeycloakLock:
    holder = Holder(name="arena", run=secrets.token_hex(8), space="arena", process="arena")
    return KeycloakLock(connection, holder=holder, clock=connection.server_time, is_alive=lambda _: True)


@contextmanager
def arena(
    server: KeycloakServer,
    *,
    product_url: str = "",
    launch: LaunchSettings | None = None,
    existing: dict[str, Any] | None = None,
) -> Iterator[Arena]:
    """A realm of its own on ``server``, gone afterwards.

    ``product_url`` is where the host's product listens, ``launch`` adds the launch service's client.
    ``existing`` is what the realm contains before the partners are deployed.
    """
    realm = _realm(server.base_url, f"arena-{secrets.token_hex(4)}", product_url, launch)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(HostileServer()) for name in (OIDC, OTHER, OAUTH2, SAML)}
        connection = stack.enter_context(
            connect(
                server_url=server.base_url,
                realm=realm.realm,
                credentials=AdminUser(user=server.admin_user, password=server.admin_password),
            )
        )
        key = saml_key()
        made = Arena(
            connection=connection,
            realm=realm,
            partners={},
            servers=servers,
            key=key,
            client_secret=secrets.token_urlsafe(24),
        )
        partners = (
            _partner(OIDC, _oidc(servers[OIDC].url)),
            _partner(OTHER, _oidc(servers[OTHER].url)),
            _partner(OAUTH2, _oauth2(servers[OAUTH2].url), subject="id"),
            _partner(SAML, _saml(servers[SAML].url, key), subject="name_id"),
        )
        try:
            if existing is not None:
                named = {"realm": realm.realm, "enabled": True}
                connection.post("/admin/realms", named | existing)
            made.deploy(*partners)
            yield made
        finally:
            connection.delete(f"/admin/realms/{segment(realm.realm)}")


def _realm(server_url: str, name: str, product_url: str, launch: LaunchSettings | None) -> RealmSpec:
    product = HostClient(
        client_id=CLIENT_ID,
        redirect_uris=(_CALLBACK, *([f"{product_url}/callback"] if product_url else [])),
        post_logout_redirect_uris=(f"{product_url}/signed-out",) if product_url else (),
    )
    clients = (product,) if launch is None else (product, launch_client(launch))
    return RealmSpec(
        environment=EnvironmentName("arena"),
        server_url=server_url,
        realm=name,
        stages=(Stage.LIVE,),
        source=SourceFile(path=PurePosixPath("realm_templates/arena.yaml"), sha256="0" * 64),
        clients=clients,
        launch=launch,
        roles=(HostRole(name="workspace-admin"),),
        network=NetworkPolicy(allow_loopback_http=True),
    )


def _partner(
    name: str, sign_in: OidcSignIn | Oauth2SignIn | SamlSignIn, *, subject: str = "sub"
) -> PartnerSpec:
    identity = Identity(
        subject=subject,
        email="email",
        first_name="given_name",
        attributes=(("department", "dept"),),
        roles=(RoleGrant(when=(("groups", "admins"),), grant="workspace-admin"),),
    )
    return PartnerSpec(
        partner=PartnerId(name),
        name=name.title(),
        stage=Stage.LIVE,
        environment=EnvironmentName("arena"),
        source=SourceFile(path=PurePosixPath(f"partners/{name}.yaml"), sha256="0" * 64),
        providers=(ProviderSpec(alias=Alias(name), sign_in=sign_in, identity=identity),),
    )


def _secret() -> SecretRef:
    return SecretRef(source=SecretSource.ENV, name=_SECRET_NAME)


def _oidc(url: str) -> OidcSignIn:
    return OidcSignIn(
        issuer=url,
        authorization_url=f"{url}/authorize",
        token_url=f"{url}/token",
        jwks_url=f"{url}/jwks",
        client_id=CLIENT_ID,
        client_secret=_secret(),
    )


def _oauth2(url: str) -> Oauth2SignIn:
    return Oauth2SignIn(
        authorization_url=f"{url}/authorize",
        token_url=f"{url}/token",
        userinfo_url=f"{url}/userinfo",
        client_id=CLIENT_ID,
        client_secret=_secret(),
    )


def _saml(url: str, key: SamlKey) -> SamlSignIn:
    return SamlSignIn(entity_id=url, sso_url=f"{url}/sso", certificates=(key.base64_der,))
