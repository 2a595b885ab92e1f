"""Converts client scopes; role mappings are read separately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK
from partnergate.realm.representation.attributes import from_texts, to_texts
from partnergate.realm.secrecy import shown
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.realm.state import FieldValue


def client_scope_from(representation: Mapping[str, Any], *, scope_roles: tuple[str, ...]) -> Resource:
    """Return a scope with its protocol mappers and the roles of its scope mappings."""
    owner, fields = from_texts(representation.get("attributes"))
    named: dict[str, FieldValue] = {
        "description": representation.get("description"),
        "protocol": representation.get("protocol"),
        "protocolMappers": protocol_mappers(representation.get("protocolMappers") or ()),
        "scopeRoles": scope_roles,
    }
    return resource(ResourceKind.CLIENT_SCOPE, representation["name"], fields | named, owner=owner)


def client_scope_to(resource: Resource) -> dict[str, Any]:
    """Return the representation without ``scopeRoles``, which has a separate endpoint."""
    protocol = resource.fields["protocol"]
    mappers = thaw(resource.fields.get("protocolMappers", ()))
    return {
        "name": resource.key.name,
        "description": resource.fields.get("description", ""),
        "protocol": protocol,
        "attributes": to_texts(resource.fields) | {OWNER_MARK: resource.owner},
        "protocolMappers": [mapper | {"protocol": protocol} for mapper in mappers],
    }


def protocol_mappers(mappers: Sequence[Mapping[str, Any]]) -> FieldValue:
    """Return the protocol mappers by name, without IDs."""
    return freeze([
        {
            "config": {
                name: shown(name, value) for name, value in (mapper.get("config") or {}).items() if value
            },
            "name": mapper["name"],
            "protocolMapper": mapper["protocolMapper"],
        }
        for mapper in sorted(mappers, key=lambda mapper: mapper["name"])
    ])  # fmt: skip
