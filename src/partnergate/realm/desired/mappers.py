"""The mappers of a provider as resources; ``realm.mappers`` defines what each kind needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.mappers.mapper_kinds import desired_mappers
from partnergate.realm.normalize import resource
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.state import FieldValue, Resource


def mapper_resources(partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Resource]:
    """Yield every mapper of the provider, with unique names.

    Every mapper has the sync mode FORCE, so each login updates the user to the current claims.
    """
    for mapper in desired_mappers(partner, provider):
        fields: dict[str, FieldValue] = {f"config.{key}": value for key, value in mapper.config.items()}
        fields["config.syncMode"] = "FORCE"
        fields["identityProviderMapper"] = mapper.type
        yield resource(
            ResourceKind.IDENTITY_PROVIDER_MAPPER,
            mapper.name,
            fields,
            parent=provider.alias,
            owner=partner.partner,
        )
