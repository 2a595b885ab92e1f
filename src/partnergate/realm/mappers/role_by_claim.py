"""Grants of a role to users whose claims or SAML attributes match."""

from __future__ import annotations

from partnergate.realm.mappers.conditions import SIMPLE_ATTRIBUTE, SIMPLE_CLAIM
from partnergate.realm.mappers.grants import grant_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes, TargetKind

KIND = grant_kind(
    "Role granted by claims",
    TargetKind.ROLE,
    conditional=True,
    types=MapperTypes.claims_or_attributes(
        claims="oidc-advanced-role-idp-mapper", attributes="saml-advanced-role-idp-mapper"
    ),
    also_imported=MapperTypes.claims_or_attributes(claims=SIMPLE_CLAIM, attributes=SIMPLE_ATTRIBUTE),
    documentation=Documentation(
        summary="Grants a role of the host to users for whom every condition matches exactly. "
        "Admin roles are refused (PG126).",
        example="subject: sub\nroles:\n  - {when: {groups: platform-admins}, grant: workspace-admin}\n",
    ),
)
