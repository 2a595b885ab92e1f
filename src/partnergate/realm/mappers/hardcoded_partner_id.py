"""What the two kinds of mapper share that set ``partner_id`` to the value in the partner file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.mappers.kind import Mapper, MapperKind, NotExpressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.kind import Documentation, MapperTypes


def partner_id_kind(
    title: str, *, name: str, attribute: str, types: MapperTypes, documentation: Documentation
) -> MapperKind:
    """Return a kind whose mapper is called ``name`` in every realm.

    ``attribute`` is what it sets: a user attribute or a session attribute.
    """

    def desired(types: MapperTypes, partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
        config = {"attribute": PARTNER_ID, "attribute.value": partner.partner}
        yield Mapper(name=name, type=types.for_sign_in(provider.sign_in), config=config)

    def imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
        if mapper.config.get("attribute") == PARTNER_ID:
            return {}
        return NotExpressible(reason=f"partner files have no key for a hard-coded {attribute}")

    def explained(mapper: Mapper) -> str:
        target, value = mapper.config.get("attribute", ""), mapper.config.get("attribute.value", "")
        return f"sets the {attribute} {target} to {value}"

    return MapperKind(
        title=title,
        types=types,
        desired=desired,
        imported=imported,
        explained=explained,
        documentation=documentation,
        always_present=True,
    )
