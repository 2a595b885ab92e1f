"""Converts identity providers and their mappers.

Keycloak stores every config value as text, drops empty values, and returns secrets masked, so the
fingerprint that was written with a secret represents it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.mappers.kind import Mapper
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import MASK, OWNER_MARK, SECRET_MARK
from partnergate.realm.secrecy import shown
from partnergate.realm.state import Resource, ResourceKind, SecretField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue

_SAME_TYPE: Final = {"keycloak-oidc": "oidc"}
"""Types that log in like another one. The server keeps the type of a provider, whatever a PUT contains."""
SECRET_KEY: Final = "clientSecret"  # noqa: S105 - the name of a key
_MARKS: Final = (OWNER_MARK, SECRET_MARK)
_SERVER_FIELDS: Final = frozenset({
    "alias", "config", "internalId", "organizationId", "types", "updateProfileFirstLogin",
    "updateProfileFirstLoginMode",
})  # fmt: skip
"""Keys that the server sets, or that belong to another resource (organization links)."""


def provider_from(representation: Mapping[str, Any]) -> Resource:
    """Return a provider from a list or from an export."""
    config: Mapping[str, str] = representation.get("config") or {}
    fields: dict[str, FieldValue] = {
        f"config.{name}": shown(name, value) for name, value in config.items() if name not in _MARKS
    }
    fields |= {name: value for name, value in representation.items() if name not in _SERVER_FIELDS}
    fields["providerId"] = _SAME_TYPE.get(str(fields.get("providerId")), fields.get("providerId"))
    secrets: tuple[SecretField, ...] = ()
    if fields.get(f"config.{SECRET_KEY}") == MASK:
        del fields[f"config.{SECRET_KEY}"]
        secrets = (SecretField(name=SECRET_KEY, fingerprint=config.get(SECRET_MARK, "")),)
    return resource(
        ResourceKind.IDENTITY_PROVIDER,
        representation["alias"],
        fields,
        owner=config.get(OWNER_MARK, ""),
        secrets=secrets,
    )


def provider_to(resource: Resource) -> dict[str, Any]:
    """Return the representation without the values of secrets.

    The writer adds each to ``config`` under the name of its ``SecretField``.
    """
    representation: dict[str, Any] = {"alias": resource.key.name}
    config: dict[str, Any] = {OWNER_MARK: resource.owner}
    for name, value in resource.fields.items():
        if name.startswith("config."):
            config[name.removeprefix("config.")] = value
        else:
            representation[name] = value
    for secret in resource.secrets:
        config[SECRET_MARK] = secret.fingerprint
    return representation | {"config": config}


def mapper_from(representation: Mapping[str, Any], *, owner: str) -> Resource:
    """Return a mapper. Its owner is the owner of its provider."""
    fields: dict[str, FieldValue] = {
        f"config.{name}": shown(name, value) for name, value in (representation.get("config") or {}).items()
    }
    fields["identityProviderMapper"] = representation["identityProviderMapper"]
    return resource(
        ResourceKind.IDENTITY_PROVIDER_MAPPER,
        representation["name"],
        fields,
        parent=representation["identityProviderAlias"],
        owner=owner,
    )


def mapper_to(resource: Resource) -> dict[str, Any]:
    """Return the representation without the ID."""
    config = {
        name.removeprefix("config."): value
        for name, value in resource.fields.items()
        if name.startswith("config.")
    }
    return {
        "name": resource.key.name,
        "identityProviderAlias": resource.key.parent,
        "identityProviderMapper": resource.fields["identityProviderMapper"],
        "config": config,
    }


def mapper_of(resource: Resource) -> Mapper:
    """Return the mapper in the form that ``realm.mappers`` reads."""
    config = {
        name.removeprefix("config."): str(value)
        for name, value in resource.fields.items()
        if name.startswith("config.") and name != "config.syncMode"
    }
    return Mapper(
        name=resource.key.name, type=str(resource.fields.get("identityProviderMapper", "")), config=config
    )
