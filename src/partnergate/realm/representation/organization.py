"""Converts organizations; links to providers are read separately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.realm.normalize import resource
from partnergate.realm.ownership import NO_DOMAIN, OWNER_MARK
from partnergate.realm.representation.attributes import from_lists, to_lists
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue


def organization_from(representation: Mapping[str, Any]) -> Resource:
    """Return an organization with its attributes and, as ``identityProviders``, the linked aliases."""
    owner, fields = from_lists(representation.get("attributes"))
    named_domains = [domain["name"] for domain in representation.get("domains") or ()]
    domains = tuple(sorted(name for name in named_domains if not name.endswith(NO_DOMAIN)))
    linked = tuple(sorted(representation.get("identityProviders") or ()))
    named: dict[str, FieldValue] = {
        "description": representation.get("description"),
        "domains": domains,
        "enabled": representation.get("enabled", True),
        "identityProviders": linked,
        "name": representation["name"],
        "redirectUrl": representation.get("redirectUrl"),
    }
    return resource(ResourceKind.ORGANIZATION, representation["alias"], fields | named, owner=owner)


def organization_to(resource: Resource) -> dict[str, Any]:
    """Return the representation without links, which have a separate endpoint."""
    fields = resource.fields
    domains: Any = fields.get("domains", ())
    return {
        "alias": resource.key.name,
        "name": fields["name"],
        "enabled": fields["enabled"],
        "description": fields.get("description", ""),
        "redirectUrl": fields.get("redirectUrl", ""),
        "domains": [{"name": name, "verified": False} for name in domains],
        "attributes": to_lists(fields) | {OWNER_MARK: [resource.owner]},
    }
