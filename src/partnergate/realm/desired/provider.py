"""An identity provider of a partner: the fields that all protocols share, and the client secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn, SecretRef, SecretSource
from partnergate.realm.desired.domain_gate import gate_flow
from partnergate.realm.desired.provider_oauth2 import oauth2_fields
from partnergate.realm.desired.provider_oidc import oidc_fields
from partnergate.realm.desired.provider_saml import saml_fields
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import FIRST_LOGIN_FLOW
from partnergate.realm.state import Resource, ResourceKind, SecretField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import Identity, PartnerSpec, ProviderSpec
    from partnergate.realm.ports import Fingerprints
    from partnergate.realm.state import FieldValue


def provider_resource(
    realm: RealmSpec,
    partner: PartnerSpec,
    provider: ProviderSpec,
    *,
    enabled: bool,
    fingerprints: Fingerprints,
) -> Resource:
    """Return the provider, disabled if the partner is suspended or the provider is retired."""
    fields = _shared_fields(partner, provider, enabled=enabled)
    secrets: tuple[SecretField, ...] = ()
    match provider.sign_in:
        case OidcSignIn() | Oauth2SignIn() as sign_in:
            fields |= sign_in_fields(sign_in, provider.identity)
            secrets = _secret(realm, provider, sign_in.client_secret, fields, fingerprints)
        case SamlSignIn() as sign_in:
            fields |= saml_fields(
                sign_in, provider.identity, realm_url=f"{realm.server_url.rstrip('/')}/realms/{realm.realm}"
            )
        case _ as never:
            assert_never(never)
    if needs_gate_flow(provider):
        fields["postBrokerLoginFlowAlias"] = gate_flow(provider.alias)
    return resource(
        ResourceKind.IDENTITY_PROVIDER, provider.alias, fields, owner=partner.partner, secrets=secrets
    )


def sign_in_fields(sign_in: OidcSignIn | Oauth2SignIn, identity: Identity) -> dict[str, FieldValue]:
    """Return the fields of a provider that has a client and may have a client secret."""
    match sign_in:
        case OidcSignIn():
            return oidc_fields(sign_in, identity)
        case Oauth2SignIn():
            return oauth2_fields(sign_in, identity)
        case _ as never:
            assert_never(never)


def needs_gate_flow(provider: ProviderSpec) -> bool:
    """Whether a flow after login checks the email domains of the provider."""
    return bool(provider.identity.email_domains) and not isinstance(provider.sign_in, OidcSignIn)


def _shared_fields(partner: PartnerSpec, provider: ProviderSpec, *, enabled: bool) -> dict[str, FieldValue]:
    return {
        "addReadTokenRoleOnCreate": False,
        "displayName": partner.name,
        "enabled": enabled and not provider.retired,
        "firstBrokerLoginFlowAlias": FIRST_LOGIN_FLOW,
        "hideOnLogin": True,
        "linkOnly": False,
        "storeToken": False,
        "trustEmail": False,
        "config.caseSensitiveOriginalUsername": "true",
        "config.showInAccountConsole": "NEVER",
        "config.syncMode": "FORCE",
    }


def _secret(
    realm: RealmSpec,
    provider: ProviderSpec,
    secret: SecretRef | None,
    fields: dict[str, FieldValue],
    fingerprints: Fingerprints,
) -> tuple[SecretField, ...]:
    """Return the client secret as a vault reference, which is not confidential, or as a fingerprint."""
    match secret:
        case None:
            return ()
        case SecretRef(source=SecretSource.VAULT, name=name):
            fields["config.clientSecret"] = f"${{vault.{name}}}"
            return ()
        case ref:
            place = secret_destination(realm.server_url, realm.realm, provider.alias, fields)
            return (SecretField(name="clientSecret", fingerprint=fingerprints(ref, place), ref=ref),)


def secret_destination(server_url: str, realm: str, alias: str, fields: Mapping[str, FieldValue]) -> str:
    """Return where and how a provider sends its secret. A change of any part counts as a changed secret."""
    client = f"{fields['config.clientId']} {fields['config.clientAuthMethod']}"
    return f"{server_url} {realm} {alias} {fields['config.tokenUrl']} {client}"
