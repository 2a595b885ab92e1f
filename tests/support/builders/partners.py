"""Partners as values, with readable defaults: ``partner`` and the parts of it, and presets for some suites."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from builders.agreements import agreement, platform_fee
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
    TestUsers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.agreement import Agreement

    SignIn = OidcSignIn | SamlSignIn | Oauth2SignIn

PRODUCTION = EnvironmentName("production")
DEMO = EnvironmentName("demo")
SECRET_VARIABLE = "PARTNER_SECRET"
COMMIT = "5e1f0c2a9b7d4e6f8a0b1c2d3e4f5a6b7c8d9e0f"


def partner(
    partner_id: str = "acme",
    *,
    aliases: tuple[str, ...] = (),
    sign_in: SignIn | None = None,
    subject: str = "sub",
    domains: tuple[str, ...] = (),
    attributes: tuple[tuple[str, str], ...] = (),
    roles: tuple[RoleGrant, ...] = (),
    provider_retired: bool = False,
    testers: tuple[str, ...] = (),
    test_domains: tuple[str, ...] = (),
    since: date = date(2020, 1, 1),
    zone: str = "UTC",
    commit: str = "",
    **fields: Any,
) -> PartnerSpec:
    """A live partner in production with one OpenID Connect provider of its own name and a platform fee.

    ``aliases``: its providers. ``testers``, ``test_domains``: subjects and email domains of its test users
    from ``since`` on. ``zone``: the time zone of its agreement. ``fields``: fields of ``PartnerSpec``.
    """
    identity = Identity(subject=subject, email_domains=domains, attributes=attributes, roles=roles)
    test_users = (TestUsers(since=since, subjects=tuple(testers), email_domains=tuple(test_domains)),)
    values: dict[str, Any] = {
        "name": partner_id.title(),
        "stage": Stage.LIVE,
        "environment": PRODUCTION,
        "source": source(f"partners/{partner_id}.yaml", commit=commit),
        "providers": tuple(
            provider(alias, sign_in=sign_in, identity=identity, retired=provider_retired)
            for alias in aliases or (partner_id,)
        ),
        "test_users": test_users if testers or test_domains else (),
        "agreements": (platform_fee(time_zone=zone),),
    }
    return PartnerSpec(partner=PartnerId(partner_id), **(values | fields))


def provider(
    alias: str = "acme",
    *,
    sign_in: SignIn | None = None,
    identity: Identity | None = None,
    retired: bool = False,
) -> ProviderSpec:
    """A provider with OpenID Connect."""
    return ProviderSpec(
        alias=Alias(alias),
        sign_in=sign_in or oidc(alias),
        identity=identity or Identity(subject="sub"),
        retired=retired,
    )


def oidc(name: str = "acme", **fields: Any) -> OidcSignIn:
    """OpenID Connect with the usual four addresses and a secret from the environment."""
    base = f"https://login.{name}.example"
    values: dict[str, Any] = {
        "issuer": f"{base}/",
        "authorization_url": f"{base}/authorize",
        "token_url": f"{base}/token",
        "jwks_url": f"{base}/jwks",
        "client_id": "host-app",
        "client_secret": SecretRef(source=SecretSource.ENV, name=f"{name.upper()}_SECRET"),
    }
    return OidcSignIn(**(values | fields))


def saml(name: str = "globex", **fields: Any) -> SamlSignIn:
    """SAML with keys from metadata."""
    base = f"https://idp.{name}.example"
    values = {"entity_id": f"{base}/metadata", "sso_url": f"{base}/sso", "metadata_url": f"{base}/metadata"}
    return SamlSignIn(**(values | fields))


def oauth2(name: str = "initech", **fields: Any) -> Oauth2SignIn:
    """Plain OAuth 2.0 with a secret from the environment."""
    base = f"https://connect.{name}.example"
    values: dict[str, Any] = {
        "authorization_url": f"{base}/authorize",
        "token_url": f"{base}/token",
        "userinfo_url": f"{base}/me",
        "client_id": "host-app",
        "client_secret": SecretRef(source=SecretSource.ENV, name=f"{name.upper()}_SECRET"),
    }
    return Oauth2SignIn(**(values | fields))


def source(path: str, *, commit: str = "") -> SourceFile:
    """A file whose hash follows from its name."""
    sha256 = hashlib.sha256(path.encode()).hexdigest()
    return SourceFile(path=PurePosixPath(path), sha256=sha256, commit=commit)


def billed_partner(
    *agreements: Agreement, partner_id: str = "acme", name: str = "Acme Automations"
) -> PartnerSpec:
    """For statements: a committed file with terms, by default those of ``agreement()``, and no provider."""
    file = SourceFile(path=PurePosixPath(f"partners/{partner_id}.yaml"), sha256="ab" * 32, commit=COMMIT)
    terms = agreements or (agreement(),)
    return partner(partner_id, name=name, source=file, providers=(), agreements=terms)


def oidc_partner(name: str, *, domains: tuple[str, ...] = (), grants: int = 1, **sign_in: Any) -> PartnerSpec:
    """For a realm on a server: OpenID Connect with one attribute, roles, and the secret ``PARTNER_SECRET``."""
    identity = Identity(
        subject="sub",
        first_name="given_name",
        email_domains=domains,
        attributes=(("department", "dept"),),
        roles=tuple(
            RoleGrant(when=(("groups", f"admins-{n}"),), grant="workspace-admin") for n in range(grants)
        ),
    )
    secret = SecretRef(source=SecretSource.ENV, name=SECRET_VARIABLE)
    values = {"issuer": f"https://login.{name}.example", "client_secret": secret}
    return _demo_partner(name, oidc(name, **(values | sign_in)), identity)


def saml_partner(name: str, *, domains: tuple[str, ...] = ()) -> PartnerSpec:
    """For a realm on a server: SAML; with ``domains`` it gets a flow after login."""
    sign_in = saml(name, entity_id=f"https://idp.{name}.example")
    return _demo_partner(name, sign_in, Identity(subject="name_id", email_domains=domains))


def oauth2_partner(name: str) -> PartnerSpec:
    """For a realm on a server: plain OAuth 2.0 with its secret in the server's vault."""
    secret = SecretRef(source=SecretSource.VAULT, name=f"{name}-secret")
    return _demo_partner(name, oauth2(name, client_secret=secret), Identity(subject="id"))


def _demo_partner(name: str, sign_in: SignIn, identity: Identity) -> PartnerSpec:
    providers = (provider(name, sign_in=sign_in, identity=identity),)
    return partner(name, name=name.capitalize(), environment=DEMO, providers=providers)


def renamed(spec: PartnerSpec, name: str) -> PartnerSpec:
    """The same partner under another display name: one changed field of its provider and organization."""
    return replace(spec, name=name)


def by_partner(specs: Iterable[PartnerSpec]) -> tuple[PartnerSpec, ...]:
    """Sorted as in a workspace."""
    return tuple(sorted(specs, key=lambda spec: spec.partner))
