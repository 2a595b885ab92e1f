"""Every kind of mapper, and the lookups over all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.realm.mappers import (
    group_by_claim,
    hardcoded_group,
    hardcoded_role,
    partner_id_attribute,
    partner_id_session,
    role_by_claim,
    user_attribute,
    username,
)
from partnergate.realm.mappers.conditions import config_text
from partnergate.realm.mappers.kind import NotExpressible, TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.model.partner import Identity, PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.kind import IdentityKey, Mapper, MapperKind, MapperTarget

KINDS: Final[tuple[MapperKind, ...]] = (
    partner_id_attribute.KIND,
    partner_id_session.KIND,
    username.KIND,
    user_attribute.KIND,
    hardcoded_role.KIND,
    hardcoded_group.KIND,
    role_by_claim.KIND,
    group_by_claim.KIND,
)


class UnknownMapperTypeError(LookupError):
    """No kind has that Keycloak type."""


def _by_type(kinds: Iterable[MapperKind]) -> dict[str, MapperKind]:
    """Each Keycloak type with its kind. Raises ``ValueError`` when two kinds claim one type."""
    found: dict[str, MapperKind] = {}
    for kind in kinds:
        for name in kind.types.names() | kind.also_imported.names():
            if name in found:
                raise ValueError(f"{name} belongs to both {found[name].title!r} and {kind.title!r}")
            found[name] = kind
    return found


_BY_TYPE: Final = _by_type(KINDS)
_BY_TARGET: Final = {target: tuple(one for one in KINDS if one.sets is target) for target in TargetKind}


def kind_of(mapper: Mapper) -> MapperKind:
    """The kind of a mapper. Raises ``UnknownMapperTypeError``."""
    try:
        return _BY_TYPE[mapper.type]
    except KeyError:
        raise UnknownMapperTypeError(mapper.type) from None


def desired_mappers(partner: PartnerSpec, provider: ProviderSpec) -> list[Mapper]:
    """Every mapper that the provider needs, each name once."""
    return [mapper for kind in KINDS for mapper in kind.desired(kind.types, partner, provider)]


def imported(mapper: Mapper, protocol: str = "") -> Mapping[str, object] | NotExpressible:
    """The part of ``identity`` in a partner file that results in the mapper.

    ``protocol`` is the protocol of the provider: ``oidc``, ``saml`` or ``oauth2``. The server ignores
    a mapper of another protocol, so it is not expressible. Without a protocol, this is not checked.
    """
    try:
        kind = kind_of(mapper)
    except UnknownMapperTypeError:
        reason = f"partner files cannot express mappers of type {mapper.type}"
        return NotExpressible(reason=f"{reason}: {shown}" if (shown := config_text(mapper)) else reason)
    if protocol and mapper.type not in {kind.types.named(protocol), kind.also_imported.named(protocol)}:
        return NotExpressible(reason=f"{mapper.type} has no effect on a provider of the protocol {protocol}")
    return kind.imported(mapper)


def explained(mapper: Mapper) -> str:
    """What the mapper does, as the predicate of a sentence."""
    try:
        return kind_of(mapper).explained(mapper)
    except UnknownMapperTypeError:
        return f"does what the mapper type {mapper.type} does"


def targets(identity: Identity, kind: TargetKind) -> tuple[MapperTarget, ...]:
    """Everything of that kind that a partner file lets mappers set, in the order of the file."""
    found = [target for one in _BY_TARGET[kind] for target in one.targets(identity)]
    found.sort(key=lambda target: target.path)
    return tuple(found)


def identity_keys() -> tuple[IdentityKey, ...]:
    """The keys below ``identity`` that only mappers need, each once."""
    return tuple({key.key.name: key for kind in KINDS for key in kind.keys}.values())
