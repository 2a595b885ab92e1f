"""Grants of a group to every user of a partner."""

from __future__ import annotations

from partnergate.realm.mappers.grants import grant_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes, TargetKind

KIND = grant_kind(
    "Group granted to every user",
    TargetKind.GROUP,
    conditional=False,
    types=MapperTypes.any_protocol("oidc-hardcoded-group-idp-mapper"),
    documentation=Documentation(
        summary="Grants a group of the host to every user of the partner. "
        "The realm templates must declare the group (PG128).",
        example="subject: sub\nroles:\n  - group: /partners/acme\n",
    ),
)
