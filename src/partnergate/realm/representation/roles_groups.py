"""Realm roles and groups, from and to Keycloak's representation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.realm.comparable import freeze
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK, REALM_OWNER
from partnergate.realm.representation.attributes import from_lists, to_lists
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.realm.state import FieldValue


def role_from(representation: Mapping[str, Any], *, default_role: str = "") -> Resource:
    """A role; composites are a field, so that a role that was extended by hand is detected.

    The role named as the default one comes with the realm and needs no mark.
    """
    owner, fields = from_lists(representation.get("attributes"))
    if representation["name"] == default_role:
        owner = REALM_OWNER
    if description := representation.get("description"):
        fields["description"] = description
    composites = representation.get("composites") or {}
    inner = [*composites.get("realm", ())]
    inner += [f"{client}/{role}" for client, roles in composites.get("client", {}).items() for role in roles]
    if inner:
        fields["composites"] = tuple(sorted(inner))
    return resource(ResourceKind.ROLE, representation["name"], fields, owner=owner)


def role_to(resource: Resource) -> dict[str, Any]:
    """The representation; composites have an endpoint of their own."""
    return {
        "name": resource.key.name,
        "description": resource.fields.get("description", ""),
        "attributes": to_lists(resource.fields) | {OWNER_MARK: [resource.owner]},
    }


def groups_from(representation: Mapping[str, Any]) -> Iterator[Resource]:
    """A group and its subgroups, each by path, with the assigned roles."""
    owner, fields = from_lists(representation.get("attributes"))
    roles: dict[str, FieldValue] = {
        "realmRoles": tuple(sorted(representation.get("realmRoles") or ())),
        "clientRoles": freeze(representation.get("clientRoles") or {}),
    }
    fields |= {name: value for name, value in roles.items() if value}
    yield resource(ResourceKind.GROUP, representation["path"], fields, owner=owner)
    for child in representation.get("subGroups") or ():
        yield from groups_from(child)


def group_to(resource: Resource) -> dict[str, Any]:
    """The representation, without the place in the tree, which the path has."""
    return {
        "name": resource.key.name.rpartition("/")[2],
        "attributes": to_lists(resource.fields) | {OWNER_MARK: [resource.owner]},
    }
