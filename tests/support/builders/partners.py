"""Partners and realms as values, with readable defaults, for tests and benchmarks of the reconciler."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from collections.abc import Iterable

ENVIRONMENT = EnvironmentName("demo")
SECRET_VARIABLE = "PARTNER_SECRET"


def host_realm(realm: str, server_url: str, **over: Any) -> RealmSpec:
    """An environment on this machine with one client, two roles and a group below a group."""
    spec = RealmSpec(
        environment=ENVIRONMENT,
        server_url=server_url,
        realm=realm,
        stages=(Stage.STAGING, Stage.LIVE),
        source=_source("realm_templates/demo.yaml"),
        clients=(HostClient(client_id="host-app", redirect_uris=("http://127.0.0.1:8000/callback",)),),
        roles=(HostRole(name="workspace-admin", description="May manage"), HostRole(name="workspace-member")),
        groups=(HostGroup(path="/partners/trial"),),
        network=NetworkPolicy(allow_loopback_http=True),
    )
    return replace(spec, **over)


def oidc_partner(
    partner: str, *, domains: tuple[str, ...] = (), grants: int = 1, **sign_in: Any
) -> PartnerSpec:
    """A partner with OpenID Connect, its secret in ``PARTNER_SECRET``."""
    base = f"https://login.{partner}.example"
    values: dict[str, Any] = {
        "issuer": base,
        "authorization_url": f"{base}/authorize",
        "token_url": f"{base}/token",
        "jwks_url": f"{base}/jwks",
        "client_id": "host-app",
        "client_secret": SecretRef(source=SecretSource.ENV, name=SECRET_VARIABLE),
    }
    identity = Identity(
        subject="sub",
        first_name="given_name",
        email_domains=domains,
        attributes=(("department", "dept"),),
        roles=tuple(
            RoleGrant(when=(("groups", f"admins-{n}"),), grant="workspace-admin") for n in range(grants)
        ),
    )
    return _partner(partner, OidcSignIn(**(values | sign_in)), identity)


def saml_partner(partner: str, *, domains: tuple[str, ...] = ()) -> PartnerSpec:
    """A partner with SAML; domains give it a flow after login."""
    base = f"https://idp.{partner}.example"
    sign_in = SamlSignIn(entity_id=base, sso_url=f"{base}/sso", metadata_url=f"{base}/metadata")
    return _partner(partner, sign_in, Identity(subject="name_id", email_domains=domains))


def oauth2_partner(partner: str) -> PartnerSpec:
    """A partner with plain OAuth 2.0 and its secret in the server's vault."""
    base = f"https://connect.{partner}.example"
    sign_in = Oauth2SignIn(
        authorization_url=f"{base}/authorize",
        token_url=f"{base}/token",
        userinfo_url=f"{base}/me",
        client_id="host-app",
        client_secret=SecretRef(source=SecretSource.VAULT, name=f"{partner}-secret"),
    )
    return _partner(partner, sign_in, Identity(subject="id"))


def renamed(spec: PartnerSpec, name: str) -> PartnerSpec:
    """The same partner under another display name: one changed field of its provider and organization."""
    return replace(spec, name=name)


def by_partner(specs: Iterable[PartnerSpec]) -> tuple[PartnerSpec, ...]:
    """Sorted as a workspace has them."""
    return tuple(sorted(specs, key=lambda spec: spec.partner))


def _partner(
    partner: str, sign_in: OidcSignIn | SamlSignIn | Oauth2SignIn, identity: Identity
) -> PartnerSpec:
    return PartnerSpec(
        partner=PartnerId(partner),
        name=partner.capitalize(),
        stage=Stage.LIVE,
        environment=ENVIRONMENT,
        source=_source(f"partners/{partner}.yaml"),
        providers=(ProviderSpec(alias=Alias(partner), sign_in=sign_in, identity=identity),),
    )


def _source(path: str) -> SourceFile:
    return SourceFile(path=PurePosixPath(path), sha256="0" * 64)
