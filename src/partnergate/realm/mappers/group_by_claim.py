"""Grants of a group to users whose claims or SAML attributes match."""

from __future__ import annotations

from partnergate.realm.mappers.grants import grant_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes, TargetKind

KIND = grant_kind(
    "Group granted by claims",
    TargetKind.GROUP,
    conditional=True,
    types=MapperTypes.claims_or_attributes(
        claims="oidc-advanced-group-idp-mapper", attributes="saml-advanced-group-idp-mapper"
    ),
    documentation=Documentation(
        summary="Grants a group of the host to users for whom every condition matches exactly. "
        "The realm templates must declare the group (PG128).",
        example="subject: sub\nroles:\n  - {when: {groups: platform-admins}, group: /partners/acme}\n",
    ),
)
