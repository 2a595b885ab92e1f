"""Grants of a role to every user of a partner."""

from __future__ import annotations

from partnergate.realm.mappers.grants import grant_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes, TargetKind

KIND = grant_kind(
    "Role granted to every user",
    TargetKind.ROLE,
    conditional=False,
    types=MapperTypes.any_protocol("oidc-hardcoded-role-idp-mapper"),
    documentation=Documentation(
        summary="Grants a role of the host to every user of the partner. Admin roles are refused (PG126).",
        example="subject: sub\nroles:\n  - grant: workspace-member\n",
    ),
)
