"""What Keycloak links the users of a provider by: the identifier that decides whose account a login opens.

An identifier is the broker ID. The protocol determines it, and a user name mapper with the target
``BROKER_ID`` replaces it. The local user name has no part in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.realm.mappers.claims import claim_name
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.realm.state import Resource

BROKER_ID: Final = "BROKER_ID"
_CLAIM: Final = re.compile(r"\$\{CLAIM\.([^}|\s]+)\}")
_ATTRIBUTE: Final = re.compile(r"\$\{ATTRIBUTE\.([^}|\s]+)\}")
_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_SAML: Final = "saml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """What identifies a user of a provider. Two providers with equal values link the same users."""

    text: str
    """For readers: ``the claim oid``."""
    subject: str = ""
    """The value of ``identity.subject`` that results in it; empty when no file can express it."""


def identifier_of(provider: Resource, mappers: Iterable[Resource]) -> Identifier:
    """The identifier of the users of a provider with these mappers."""
    templates = [
        str(mapper.fields.get("config.template") or "")
        for mapper in mappers
        if mapper.fields.get("identityProviderMapper") == _template_type(provider)
        and mapper.fields.get("config.target") == BROKER_ID
    ]
    match templates:
        case []:
            return _of_protocol(provider)
        case [template]:
            return _of_template(provider, template)
        case _:
            return Identifier(text=f"several templates: {', '.join(sorted(templates))}")


def identifiers(resources: Iterable[Resource], aliases: Iterable[str]) -> dict[str, Identifier]:
    """The identifier of each of these providers that exists among the resources, by alias."""
    wanted = frozenset(aliases)
    providers: dict[str, Resource] = {}
    mappers: dict[str, list[Resource]] = {}
    for one in resources:
        if one.key.kind is ResourceKind.IDENTITY_PROVIDER and one.key.name in wanted:
            providers[one.key.name] = one
        elif one.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER and one.key.parent in wanted:
            mappers.setdefault(one.key.parent, []).append(one)
    return {alias: identifier_of(provider, mappers.get(alias, ())) for alias, provider in providers.items()}


def _template_type(provider: Resource) -> str:
    protocol = "saml" if provider.fields.get("providerId") == _SAML else "oidc"
    return f"{protocol}-username-idp-mapper"


def _of_protocol(provider: Resource) -> Identifier:
    match provider.fields.get("providerId"):
        case "saml":
            return _of_assertion(provider)
        case "oauth2":
            return _claim(str(provider.fields.get("config.userIDClaim") or "sub"))
        case _:
            return _claim("sub")


def _of_assertion(provider: Resource) -> Identifier:
    """``principalAttribute`` has an effect only where ``principalType`` asks for an attribute."""
    attribute = str(provider.fields.get("config.principalAttribute") or "")
    match provider.fields.get("config.principalType"):
        case "ATTRIBUTE":
            return _attribute(attribute)
        case "FRIENDLY_ATTRIBUTE":
            return Identifier(text=f"the SAML attribute with the FriendlyName {attribute}")
        case _:
            return _name_id(provider)


def _of_template(provider: Resource, template: str) -> Identifier:
    saml = provider.fields.get("providerId") == _SAML
    if saml and template == "${NAMEID}":
        return _name_id(provider)
    if found := (_ATTRIBUTE if saml else _CLAIM).fullmatch(template):
        if saml:
            return _attribute(found[1])
        if name := claim_name(found[1]):
            return _claim(name)
    return Identifier(text=f"the template {template}")


def _claim(name: str) -> Identifier:
    return Identifier(text=f"the claim {name}", subject=name)


def _attribute(name: str) -> Identifier:
    return Identifier(text=f"the SAML attribute {name}", subject=name)


def _name_id(provider: Resource) -> Identifier:
    """Partners send another NameID for another requested format."""
    requested = str(provider.fields.get("config.nameIDPolicyFormat") or _PERSISTENT)
    return Identifier(text=f"the NameID in the format {requested.rpartition(':')[2]}", subject="name_id")
