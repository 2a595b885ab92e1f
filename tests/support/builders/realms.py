"""Partners and realms with readable defaults, for tests and benchmarks of the reconciler."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from partnergate.model.environment import HostClient, HostGroup, HostRole, NetworkPolicy, RealmSpec
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
from partnergate.realm.desired import desired_state

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import RealmState

SERVER_VERSION = "26.7.3"


def realm_spec(
    *,
    realm: str = "host",
    stages: tuple[Stage, ...] = (Stage.STAGING, Stage.LIVE),
    roles: tuple[str, ...] = ("workspace-admin",),
    groups: tuple[str, ...] = (),
    loopback: bool = False,
    settings: tuple[tuple[str, object], ...] = (),
) -> RealmSpec:
    """An environment with one host client and the launch client."""
    return RealmSpec(
        environment=EnvironmentName("test"),
        server_url="https://id.host.example",
        realm=realm,
        stages=stages,
        source=source("realm_templates/test.yaml"),
        clients=(
            HostClient(client_id="host-app", redirect_uris=("https://app.host.example/callback",)),
            HostClient(
                client_id="host-launch",
                redirect_uris=("https://launch.host.example/checked",),
                session_check=True,
            ),
        ),
        roles=tuple(HostRole(name=name) for name in roles),
        groups=tuple(HostGroup(path=path) for path in groups),
        network=NetworkPolicy(allow_loopback_http=loopback),
        settings=settings,
    )


def source(path: str) -> SourceFile:
    """A file whose hash follows from its name."""
    return SourceFile(path=PurePosixPath(path), sha256=hashlib.sha256(path.encode()).hexdigest())


def oidc(name: str = "acme", *, secret: SecretRef | None = None) -> OidcSignIn:
    """OpenID Connect with the usual four addresses and a secret from the environment."""
    base = f"https://login.{name}.example"
    return OidcSignIn(
        issuer=f"{base}/",
        authorization_url=f"{base}/authorize",
        token_url=f"{base}/token",
        jwks_url=f"{base}/jwks",
        client_id="host-app",
        client_secret=secret or SecretRef(source=SecretSource.ENV, name=f"{name.upper()}_SECRET"),
    )


def saml(name: str = "globex") -> SamlSignIn:
    """SAML with keys from metadata."""
    base = f"https://idp.{name}.example"
    return SamlSignIn(entity_id=f"{base}/metadata", sso_url=f"{base}/sso", metadata_url=f"{base}/metadata")


def oauth2(name: str = "initech") -> Oauth2SignIn:
    """Plain OAuth 2.0."""
    base = f"https://connect.{name}.example"
    return Oauth2SignIn(
        authorization_url=f"{base}/authorize",
        token_url=f"{base}/token",
        userinfo_url=f"{base}/me",
        client_id="host-app",
        client_secret=SecretRef(source=SecretSource.ENV, name=f"{name.upper()}_SECRET"),
    )


def partner(
    name: str = "acme",
    *,
    sign_in: OidcSignIn | SamlSignIn | Oauth2SignIn | None = None,
    stage: Stage = Stage.LIVE,
    subject: str = "sub",
    domains: tuple[str, ...] = (),
    attributes: tuple[tuple[str, str], ...] = (),
    roles: tuple[RoleGrant, ...] = (),
    provider_retired: bool = False,
) -> PartnerSpec:
    """A partner with one provider of its own name."""
    return PartnerSpec(
        partner=PartnerId(name),
        name=name.title(),
        stage=stage,
        environment=EnvironmentName("test"),
        source=source(f"partners/{name}.yaml"),
        providers=(
            ProviderSpec(
                alias=Alias(name),
                sign_in=sign_in or oidc(name),
                identity=Identity(subject=subject, email_domains=domains, attributes=attributes, roles=roles),
                retired=provider_retired,
            ),
        ),
    )


def fingerprint(ref: SecretRef, place: str) -> str:
    """A fingerprint that follows from the names alone; no secret is needed."""
    return "v1:" + hashlib.sha256(f"{ref.source} {ref.name} {place}".encode()).hexdigest()[:16]


def desired(
    *partners: PartnerSpec, realm: RealmSpec | None = None, version: str = SERVER_VERSION
) -> RealmState:
    """The desired state of the partners, in a usual realm."""
    return desired_state(realm or realm_spec(), partners, fingerprints=fingerprint, server_version=version)


def plan_of(before: RealmState, *partners: PartnerSpec, realm: RealmSpec | None = None) -> Plan:
    """The plan from a state to the partners, at a fixed instant; 12 users are linked to each provider."""
    realm = realm or realm_spec()
    return make_plan(
        realm,
        partners,
        desired=desired(*partners, realm=realm),
        actual=replace(before, server_version=SERVER_VERSION),
        created_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 12,
    )
