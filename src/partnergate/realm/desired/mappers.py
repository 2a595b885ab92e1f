"""The mappers of a provider: user name, partner id, claims to attributes, grants.

``partner_id`` comes from hard-coded mappers only, so that no partner can assert it. Every mapper
is forced, so that a login always shows what the partner says today.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn
from partnergate.realm.normalise import resource
from partnergate.realm.ownership import PARTNER_ID
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.partner import PartnerSpec, ProviderSpec, RoleGrant

SignIn = OidcSignIn | SamlSignIn | Oauth2SignIn


def mapper_resources(partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Resource]:
    """Every mapper of the provider, each name once."""
    identity, sign_in = provider.identity, provider.sign_in
    hardcoded = {"attribute": PARTNER_ID, "attribute.value": partner.partner}
    yield _mapper(partner, provider, "partner-id-attribute", "hardcoded-attribute-idp-mapper", hardcoded)
    yield _mapper(
        partner, provider, "partner-id-session", "hardcoded-user-session-attribute-idp-mapper", hardcoded
    )
    yield _mapper(partner, provider, "username", *_username(sign_in, identity.subject))
    if isinstance(sign_in, OidcSignIn):
        yield _mapper(partner, provider, "subject", *_told_subject(identity.subject))
    for target, claim in _user_fields(provider):
        yield _mapper(partner, provider, f"attribute-{target}", *_attribute(sign_in, claim, target))
    for grant in identity.roles:
        yield _mapper(partner, provider, *_grant(sign_in, grant))


def _mapper(
    partner: PartnerSpec, provider: ProviderSpec, name: str, kind: str, config: dict[str, str]
) -> Resource:
    fields = {f"config.{key}": value for key, value in config.items() if value}
    fields |= {"config.syncMode": "FORCE", "identityProviderMapper": kind}
    return resource(
        ResourceKind.IDENTITY_PROVIDER_MAPPER, name, fields, parent=provider.alias, owner=partner.partner
    )


def _username(sign_in: SignIn, subject: str) -> tuple[str, dict[str, str]]:
    """``<alias>.<subject>``: unique in the realm whatever partners call their users."""
    match sign_in:
        case SamlSignIn():
            inner = "NAMEID" if subject == "name_id" else f"ATTRIBUTE.{subject}"
            return "saml-username-idp-mapper", {"template": f"${{ALIAS}}.${{{inner}}}", "target": "LOCAL"}
        case OidcSignIn() | Oauth2SignIn():
            template = f"${{ALIAS}}.${{CLAIM.{subject}}}"
            return "oidc-username-idp-mapper", {"template": template, "target": "LOCAL"}
        case _ as never:
            assert_never(never)


def _told_subject(subject: str) -> tuple[str, dict[str, str]]:
    """Makes login events name the stable subject.

    They carry what Keycloak takes for the user's name at the partner: for OpenID Connect that is
    ``preferred_username``, which a person may change and another may get; for the others it is the
    subject already.
    """
    return "oidc-username-idp-mapper", {"template": f"${{CLAIM.{subject}}}", "target": "BROKER_USERNAME"}


def _user_fields(provider: ProviderSpec) -> Iterator[tuple[str, str]]:
    """(user field, claim or attribute of the partner) that a mapper has to carry over.

    OAuth 2.0 names its e-mail and name claims in the provider itself.
    """
    identity = provider.identity
    if not isinstance(provider.sign_in, Oauth2SignIn):
        named = (
            ("email", identity.email),
            ("firstName", identity.first_name),
            ("lastName", identity.last_name),
        )
        yield from ((field, claim) for field, claim in named if claim)
    yield from identity.attributes


def _attribute(sign_in: SignIn, claim: str, target: str) -> tuple[str, dict[str, str]]:
    match sign_in:
        case SamlSignIn():
            return "saml-user-attribute-idp-mapper", {"attribute.name": claim, "user.attribute": target}
        case OidcSignIn() | Oauth2SignIn():
            return "oidc-user-attribute-idp-mapper", {"claim": claim, "user.attribute": target}
        case _ as never:
            assert_never(never)


def _grant(sign_in: SignIn, grant: RoleGrant) -> tuple[str, str, dict[str, str]]:
    """Name, type and config of the mapper for one grant of a role or a group."""
    what, target = ("role", grant.grant) if grant.grant else ("group", grant.group or "")
    name = "-".join((what, str(target).strip("/").replace("/", "-"), *(f"{k}={v}" for k, v in grant.when)))
    if not grant.when:
        return name, f"oidc-hardcoded-{what}-idp-mapper", {what: str(target)}
    conditions = json.dumps(
        [{"key": key, "value": value} for key, value in grant.when], separators=(",", ":")
    )
    match sign_in:
        case SamlSignIn():
            config = {"attributes": conditions, "are.attribute.values.regex": "false", what: str(target)}
            return name, f"saml-advanced-{what}-idp-mapper", config
        case OidcSignIn() | Oauth2SignIn():
            config = {"claims": conditions, "are.claim.values.regex": "false", what: str(target)}
            return name, f"oidc-advanced-{what}-idp-mapper", config
        case _ as never:
            assert_never(never)
