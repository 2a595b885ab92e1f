"""Grants of a role to users whose claims or SAML attributes match."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partnergate.realm.mappers.conditions import SIMPLE_ATTRIBUTE, SIMPLE_CLAIM
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
    return grant_mappers(types, provider, TargetKind.ROLE, conditional=True)


KIND = MapperKind(
    title="Role granted by claims",
    types=MapperTypes.claims_or_attributes(
        claims="oidc-advanced-role-idp-mapper", attributes="saml-advanced-role-idp-mapper"
    ),
    desired=_desired,
    also_imported=MapperTypes.claims_or_attributes(claims=SIMPLE_CLAIM, attributes=SIMPLE_ATTRIBUTE),
    imported=partial(imported_grant, kind=TargetKind.ROLE, conditional=True),
    explained=partial(explained_grant, kind=TargetKind.ROLE, conditional=True),
    documentation=Documentation(
        summary="Grants a role of the host to users for whom every condition matches exactly. "
        "Admin roles are refused (PG126).",
        example="subject: sub\nroles:\n  - {when: {groups: platform-admins}, grant: workspace-admin}\n",
    ),
    sets=TargetKind.ROLE,
    targets=partial(grant_targets, kind=TargetKind.ROLE, conditional=True),
    keys=(ROLES,),
)
