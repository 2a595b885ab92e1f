"""The hard-coded user attribute ``partner_id``: no partner can assert its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.mappers.kind import Documentation, Mapper, MapperKind, MapperTypes, NotExpressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import PartnerSpec, ProviderSpec


def _desired(types: MapperTypes, partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    yield Mapper(
        name="partner-id-attribute",
        type=types.for_sign_in(provider.sign_in),
        config={"attribute": PARTNER_ID, "attribute.value": partner.partner},
    )


def _imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
    if mapper.config.get("attribute") == PARTNER_ID:
        return {}
    return NotExpressible(reason="partner files have no key for a hard-coded user attribute")


def _explained(mapper: Mapper) -> str:
    name, value = mapper.config.get("attribute", ""), mapper.config.get("attribute.value", "")
    return f"sets the user attribute {name} to {value}"


KIND = MapperKind(
    title="Hard-coded partner ID of the user",
    types=MapperTypes.any_protocol("hardcoded-attribute-idp-mapper"),
    desired=_desired,
    imported=_imported,
    explained=_explained,
    documentation=Documentation(
        summary="Every user carries the id of the partner whose provider signed the user in. "
        "The value comes from the partner file, so a partner cannot assert another one.",
        example="subject: sub\n",
    ),
    always_present=True,
)
