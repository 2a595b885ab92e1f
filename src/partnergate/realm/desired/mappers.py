"""The mappers of a provider as resources; ``realm.mappers`` defines what each kind needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.mappers.registry import desired_mappers
from partnergate.realm.normalize import resource
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.state import FieldValue, Resource


def mapper_resources(partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Resource]:
    """Every mapper of the provider, each name once.

    Every mapper is forced, so that each login updates the user to what the partner asserts today.
    """
    for mapper in desired_mappers(partner, provider):
        fields: dict[str, FieldValue] = {
            f"config.{key}": value for key, value in mapper.config.items() if value
        }
        fields |= {"config.syncMode": "FORCE", "identityProviderMapper": mapper.type}
        yield resource(
            ResourceKind.IDENTITY_PROVIDER_MAPPER,
            mapper.name,
            fields,
            parent=provider.alias,
            owner=partner.partner,
        )
