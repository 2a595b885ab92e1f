"""A partner as an organization with its domains and linked providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.normalize import resource
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from partnergate.model.partner import PartnerSpec


def organization_resource(partner: PartnerSpec, *, enabled: bool) -> Resource:
    """Return the organization. Its alias is the partner ID."""
    return resource(
        ResourceKind.ORGANIZATION,
        partner.partner,
        {
            "domains": partner.email_domains,
            "enabled": enabled,
            "identityProviders": tuple(sorted(provider.alias for provider in partner.providers)),
            "name": partner.name,
        },
        owner=partner.partner,
    )
