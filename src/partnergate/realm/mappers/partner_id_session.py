"""The hard-coded session attribute ``partner_id``, from which the claim of the same name is made."""

from __future__ import annotations

from partnergate.realm.mappers.hardcoded_partner_id import partner_id_kind
from partnergate.realm.mappers.kind import Documentation, MapperTypes

KIND = partner_id_kind(
    "Hard-coded partner ID of the session",
    name="partner-id-session",
    attribute="session attribute",
    types=MapperTypes.any_protocol("hardcoded-user-session-attribute-idp-mapper"),
    documentation=Documentation(
        summary="Every session carries the id of the partner whose provider opened it. "
        "The claim `partner_id` in the tokens of the host comes from here.",
        example="subject: sub\n",
    ),
)
