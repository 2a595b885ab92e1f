"""Imports an existing provider as the partner file that results in it. Pure.

The import does not prove that the file is exact: the caller compiles the file and compares the
result with the realm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from partnergate.model.partner import SecretSource
from partnergate.model.secret_names import reserved_prefix, secret_names
from partnergate.realm.desired.provider_saml import NAME_ID_FORMATS
from partnergate.realm.mappers.kind import NotExpressible
from partnergate.realm.mappers.mapper_kinds import identity_keys, imported
from partnergate.realm.representation.provider import mapper_of
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.realm.state import RealmState, Resource

PROTOCOLS: Final = {"oidc": "oidc", "keycloak-oidc": "oidc", "saml": "saml", "oauth2": "oauth2"}
_PARTNER_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_VAULT: Final = re.compile(r"\$\{vault\.(.+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotImported:
    """A mapper that the partner file cannot express, so that apply would delete it."""

    name: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPartner:
    """One provider as a partner file."""

    partner: str
    document: dict[str, Any]
    not_imported: tuple[NotImported, ...] = ()
    """The mappers that ``document`` does not express, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedProvider:
    """A provider that no partner file can express."""

    alias: str
    reason: str


def import_providers(
    state: RealmState, realm_url: str
) -> tuple[list[ImportedPartner], list[SkippedProvider]]:
    """Every provider of the realm, as a partner file or with the reason why it is skipped."""
    found: list[ImportedPartner] = []
    left: list[SkippedProvider] = []
    for provider in _of_kind(state, ResourceKind.IDENTITY_PROVIDER):
        alias = provider.key.name
        kind = str(provider.fields.get("providerId", ""))
        if kind not in PROTOCOLS:
            left.append(
                SkippedProvider(alias=alias, reason=f"its type is {kind}, which is not a partner protocol")
            )
        elif not _PARTNER_ID.fullmatch(alias):
            left.append(SkippedProvider(alias=alias, reason="its alias is not a valid partner ID"))
        elif provider.owner not in {"", alias}:
            reason = f"it is one of several providers of {provider.owner}; write that partner file yourself"
            left.append(SkippedProvider(alias=alias, reason=reason))
        else:
            found.append(_imported(provider, state, realm_url))
    return found, left


def _of_kind(state: RealmState, kind: ResourceKind) -> Iterator[Resource]:
    return (resource for resource in state.resources if resource.key.kind is kind)


def _imported(provider: Resource, state: RealmState, realm_url: str) -> ImportedPartner:
    alias = provider.key.name
    mappers = [m for m in _of_kind(state, ResourceKind.IDENTITY_PROVIDER_MAPPER) if m.key.parent == alias]
    organization = next(
        (
            one
            for one in _of_kind(state, ResourceKind.ORGANIZATION)
            if alias in _strings(one.fields.get("identityProviders"))
        ),
        None,
    )
    protocol = PROTOCOLS[str(provider.fields["providerId"])]
    sign_in = {
        "oidc": _oidc,
        "saml": lambda one: _saml(one, realm_url),
        "oauth2": _oauth2,
    }[protocol](provider)
    domains = _strings(organization.fields.get("domains")) if organization is not None else []
    identity, not_imported = _identity(provider, mappers, domains)
    document = {
        "partnergate": 1,
        "partner": alias,
        "name": str(provider.fields.get("displayName") or alias),
        "stage": "live" if provider.fields.get("enabled") else "suspended",
        "sign_in": {"protocol": protocol} | _present(sign_in),
        "identity": identity,
    }
    return ImportedPartner(partner=alias, document=document, not_imported=not_imported)


def _oidc(provider: Resource) -> dict[str, Any]:
    get = provider.fields.get
    return {
        "issuer": get("config.issuer"),
        "authorization_url": get("config.authorizationUrl"),
        "token_url": get("config.tokenUrl"),
        "jwks_url": get("config.jwksUrl"),
        "userinfo_url": get("config.userInfoUrl"),
        "logout_url": get("config.logoutUrl"),
        "use_userinfo": _unless(get("config.disableUserInfo"), "true", otherwise=True),
        "backchannel_logout": _unless(get("config.backchannelSupported"), "false", otherwise=True)
        if get("config.backchannelSupported")
        else None,
        "clock_skew_seconds": int(str(get("config.allowedClockSkew") or 0)) or None,
        "signing_algorithm": get("config.clientAssertionSigningAlg"),
    } | _oauth_client(provider, default_scopes="openid email profile")


def _oauth2(provider: Resource) -> dict[str, Any]:
    get = provider.fields.get
    return {
        "authorization_url": get("config.authorizationUrl"),
        "token_url": get("config.tokenUrl"),
        "userinfo_url": get("config.userInfoUrl"),
    } | _oauth_client(provider, default_scopes="")


def _oauth_client(provider: Resource, *, default_scopes: str) -> dict[str, Any]:
    get = provider.fields.get
    scopes = str(get("config.defaultScope") or "")
    forwarded = str(get("config.forwardParameters") or "acr_values")
    return {
        "client_id": get("config.clientId"),
        "client_secret": _secret(provider),
        "client_authentication": _unless(get("config.clientAuthMethod"), "client_secret_basic"),
        "scopes": scopes.split() if scopes and scopes != default_scopes else None,
        "pkce": None if get("config.pkceMethod") == "S256" else False,
        "prompt": get("config.prompt"),
        "forward_parameters": None if forwarded == "acr_values" else forwarded.split(","),
    }


def _saml(provider: Resource, realm_url: str) -> dict[str, Any]:
    get = provider.fields.get
    formats = {urn: word for word, urn in NAME_ID_FORMATS.items()}
    uses_metadata = get("config.useMetadataDescriptorUrl") == "true"
    certificates = str(get("config.signingCertificate") or "")
    return {
        "entity_id": get("config.idpEntityId"),
        "sso_url": get("config.singleSignOnServiceUrl"),
        "sso_binding": "redirect" if get("config.postBindingAuthnRequest") != "true" else None,
        "slo_url": get("config.singleLogoutServiceUrl"),
        "slo_binding": "redirect"
        if get("config.singleLogoutServiceUrl") and get("config.postBindingLogout") != "true"
        else None,
        "metadata": {"url": get("config.metadataDescriptorUrl")} if uses_metadata else None,
        "certificates": certificates.split(",") if certificates and not uses_metadata else None,
        "sp_entity_id": _unless(get("config.entityId"), realm_url),
        "name_id_format": _unless(formats.get(str(get("config.nameIDPolicyFormat"))), "persistent"),
        "signature_algorithm": _unless(get("config.signatureAlgorithm"), "RSA_SHA256"),
        "want_assertions_encrypted": True if get("config.wantAssertionsEncrypted") == "true" else None,
        "want_assertions_signed": False if get("config.wantAssertionsSigned") == "false" else None,
        "sign_requests": False if get("config.wantAuthnRequestsSigned") == "false" else None,
        "force_authn": True if get("config.forceAuthn") == "true" else None,
        "clock_skew_seconds": int(str(get("config.allowedClockSkew") or 0)) or None,
    }


def _secret(provider: Resource) -> dict[str, str] | None:
    """A reference with the name that a secret of the partner has, because every other one is refused.

    A vault reference stays one; a masked secret gets the name of a variable to set, or of a file if the
    variable is reserved.
    """
    alias = provider.key.name
    vault, variable, file = (
        next(iter(secret_names(alias, alias, source)), "")
        for source in (SecretSource.VAULT, SecretSource.ENV, SecretSource.FILE)
    )
    if _VAULT.fullmatch(str(provider.fields.get("config.clientSecret") or "")):
        return {"vault": vault}
    if provider.secrets:
        return {"file": file} if reserved_prefix(variable) else {"env": variable}
    return None


def _identity(
    provider: Resource, mappers: Iterable[Resource], domains: list[str]
) -> tuple[dict[str, Any], tuple[NotImported, ...]]:
    """The part ``identity`` of the file, and the mappers that it cannot express."""
    found: dict[str, Any] = {"subject": _subject_of(provider)}
    left: list[NotImported] = []
    for one in mappers:
        mapper = mapper_of(one)
        match imported(mapper):
            case NotExpressible(reason=reason):
                left.append(NotImported(name=mapper.name, type=mapper.type, reason=reason))
            case part:
                _merge(found, part)
    for name, key in (
        ("email", "emailClaim"),
        ("first_name", "givenNameClaim"),
        ("last_name", "familyNameClaim"),
    ):
        if value := provider.fields.get(f"config.{key}"):
            found[name] = str(value)
    found |= {"email_domains": domains} if domains else {}
    return {key: found[key] for key in _identity_order() if key in found}, tuple(left)


def _merge(found: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add the part that one mapper accounts for: entries are collected, a single value is replaced."""
    for key, value in part.items():
        match value:
            case dict():
                found[key] = found.get(key, {}) | value
            case list():
                found[key] = found.get(key, []) + value
            case _:
                found[key] = value


def _identity_order() -> tuple[str, ...]:
    own = (key.key.name for key in identity_keys())
    return ("subject", "email", "first_name", "last_name", "email_domains", *own)


def _subject_of(provider: Resource) -> str:
    match provider.fields.get("providerId"):
        case "saml":
            return str(provider.fields.get("config.principalAttribute") or "name_id")
        case "oauth2":
            return str(provider.fields.get("config.userIDClaim") or "sub")
        case _:
            return "sub"


def _unless(value: object, default: object, *, otherwise: object = None) -> object:
    """None when the value is absent or the default, otherwise the value (or ``otherwise``)."""
    if value in (None, "", default):
        return None
    return value if otherwise is None else otherwise


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, tuple) else []
