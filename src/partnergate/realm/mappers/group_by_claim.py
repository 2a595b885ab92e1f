"""Grants of a group to users whose claims or SAML attributes match."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partnergate.realm.mappers.grants import (
    ROLES,
    explained_grant,
    grant_mappers,
    grant_targets,
    imported_grant,
)
from partnergate.realm.mappers.kind import Documentation, MapperKind, MapperTypes, TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.kind import Mapper


def _desired(types: MapperTypes, _partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    return grant_mappers(types, provider, TargetKind.GROUP, conditional=True)


KIND = MapperKind(
    title="Group granted by claims",
    types=MapperTypes.claims_or_attributes(
        claims="oidc-advanced-group-idp-mapper", attributes="saml-advanced-group-idp-mapper"
    ),
    desired=_desired,
    imported=partial(imported_grant, kind=TargetKind.GROUP, conditional=True),
    explained=partial(explained_grant, kind=TargetKind.GROUP, conditional=True),
    documentation=Documentation(
        summary="Grants a group of the host to users for whom every condition matches exactly. "
        "The realm templates must declare the group (PG128).",
        example="subject: sub\nroles:\n  - {when: {groups: platform-admins}, group: /partners/acme}\n",
    ),
    sets=TargetKind.GROUP,
    targets=partial(grant_targets, kind=TargetKind.GROUP, conditional=True),
    keys=(ROLES,),
)
