"""Grants of a role to every user of a partner."""

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
    return grant_mappers(types, provider, TargetKind.ROLE, conditional=False)


KIND = MapperKind(
    title="Role granted to every user",
    types=MapperTypes.any_protocol("oidc-hardcoded-role-idp-mapper"),
    desired=_desired,
    imported=partial(imported_grant, kind=TargetKind.ROLE, conditional=False),
    explained=partial(explained_grant, kind=TargetKind.ROLE, conditional=False),
    documentation=Documentation(
        summary="Grants a role of the host to every user of the partner. Admin roles are refused (PG126).",
        example="subject: sub\nroles:\n  - grant: workspace-member\n",
    ),
    sets=TargetKind.ROLE,
    targets=partial(grant_targets, kind=TargetKind.ROLE, conditional=False),
    keys=(ROLES,),
)
