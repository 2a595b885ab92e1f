"""The hard-coded user attribute ``partner_id``: no partner can assert its value."""

from __future__ import annotations

from partnergate.realm.mappers.hardcoded_partner_id import partner_id_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes

KIND = partner_id_kind(
    "Hard-coded partner ID of the user",
    name="partner-id-attribute",
    attribute="user attribute",
    types=MapperTypes.any_protocol("hardcoded-attribute-idp-mapper"),
    documentation=Documentation(
        summary="Every user carries the id of the partner whose provider signed the user in. "
        "The value comes from the partner file, so a partner cannot assert another one.",
        example="subject: sub\n",
    ),
)
