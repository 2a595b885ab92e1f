"""The hard-coded session attribute ``partner_id``, from which the claim of the same name is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.mappers.kind import Documentation, Mapper, MapperKind, MapperTypes, NotExpressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import PartnerSpec, ProviderSpec


def _desired(types: MapperTypes, partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    yield Mapper(
        name="partner-id-session",
        type=types.for_sign_in(provider.sign_in),
        config={"attribute": PARTNER_ID, "attribute.value": partner.partner},
    )


def _imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
    if mapper.config.get("attribute") == PARTNER_ID:
        return {}
    return NotExpressible(reason="partner files have no key for a hard-coded session attribute")


def _explained(mapper: Mapper) -> str:
    name, value = mapper.config.get("attribute", ""), mapper.config.get("attribute.value", "")
    return f"sets the session attribute {name} to {value}"


KIND = MapperKind(
    title="Hard-coded partner ID of the session",
    types=MapperTypes.any_protocol("hardcoded-user-session-attribute-idp-mapper"),
    desired=_desired,
    imported=_imported,
    explained=_explained,
    documentation=Documentation(
        summary="Every session carries the id of the partner whose provider opened it. "
        "The claim `partner_id` in the tokens of the host comes from here.",
        example="subject: sub\n",
    ),
    always_present=True,
)
