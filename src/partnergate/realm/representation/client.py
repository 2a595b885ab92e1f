"""Converts clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK
from partnergate.realm.representation.attributes import from_texts, to_texts
from partnergate.realm.representation.client_scope import protocol_mappers
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping


_SERVERS_OWN: Final = frozenset({
    "access", "attributes", "authenticationFlowBindingOverrides", "clientId", "id", "protocolMappers",
    "registeredNodes", "registrationAccessToken", "secret",
})  # fmt: skip
_NEVER_COMPARED: Final = frozenset({
    "attributes.client.secret.creation.time", "attributes.login_theme",
})  # fmt: skip
_LISTS: Final = ("defaultClientScopes", "optionalClientScopes", "redirectUris", "webOrigins")


def client_from(representation: Mapping[str, Any], *, scope_roles: tuple[str, ...]) -> Resource:
    """Return a client with the aliases of its flows and the roles of its scope mappings."""
    owner, fields = from_texts(representation.get("attributes"))
    for name, value in representation.items():
        if name in _LISTS:
            fields[name] = tuple(sorted(value or ()))
        elif name not in _SERVERS_OWN:
            fields[name] = freeze(value)
    for name, flow in (representation.get("authenticationFlowBindingOverrides") or {}).items():
        fields[f"authenticationFlowBindingOverrides.{name}"] = flow
    fields["protocolMappers"] = protocol_mappers(representation.get("protocolMappers") or ())
    fields["scopeRoles"] = scope_roles
    for name in _NEVER_COMPARED & fields.keys():
        del fields[name]
    return resource(ResourceKind.CLIENT, representation["clientId"], fields, owner=owner)


def client_to(resource: Resource) -> dict[str, Any]:
    """Return the complete representation without ``scopeRoles``, which has a separate endpoint.

    It always contains all lists, because the server replaces a missing list by its default.
    """
    overrides: dict[str, Any] = {}
    representation: dict[str, Any] = {"clientId": resource.key.name} | {name: [] for name in _LISTS}
    for name, value in resource.fields.items():
        if name.startswith("authenticationFlowBindingOverrides."):
            overrides[name.partition(".")[2]] = value
        elif not name.startswith("attributes.") and name != "scopeRoles":
            representation[name] = thaw(value)
    protocol = resource.fields["protocol"]
    mappers = thaw(resource.fields.get("protocolMappers", ()))
    return representation | {
        "attributes": to_texts(resource.fields) | {OWNER_MARK: resource.owner},
        "authenticationFlowBindingOverrides": overrides,
        "protocolMappers": [mapper | {"protocol": protocol} for mapper in mappers],
    }
