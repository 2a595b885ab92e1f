"""Converts realm roles and groups."""

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
    """Return a role. Its composites are a field, so a plan detects a manually extended role.

    The default role is part of every realm and needs no ownership mark.
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
    """Return the representation without composites, which have a separate endpoint."""
    return {
        "name": resource.key.name,
        "description": resource.fields.get("description", ""),
        "attributes": to_lists(resource.fields) | {OWNER_MARK: [resource.owner]},
    }


def groups_from(representation: Mapping[str, Any]) -> Iterator[Resource]:
    """Yield a group and its subgroups by path, with the assigned roles."""
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
    """Return the representation without the parent, which the path contains."""
    return {
        "name": resource.key.name.rpartition("/")[2],
        "attributes": to_lists(resource.fields) | {OWNER_MARK: [resource.owner]},
    }
