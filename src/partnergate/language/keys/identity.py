"""The keys of ``identity``: which claim sets which user field and grants which role."""

from __future__ import annotations

from partnergate.language.keys.refusals import OF_USER_NAMES, REFUSED
from partnergate.language.keys.shared_shapes import (
    DOMAIN,
    TOP_KEYS,
    belongs_elsewhere,
)
from partnergate.language.keys.sign_in import SIGN_IN_KEYS
from partnergate.language.shape.collections import Key, KnownMistake, ListOf, Object, called
from partnergate.language.shape.loosening import loosened
from partnergate.realm.mappers.claims import CLAIM
from partnergate.realm.mappers.mapper_kinds import identity_keys


def _claim(name: str, description: str, *, required: bool = False, default: str | None = None) -> Key:
    return Key(name=name, shape=CLAIM, required=required, default=default, note=description)


IDENTITY = Object(
    name="identity",
    description="Which claim (OpenID Connect, OAuth 2.0) or attribute (SAML) sets which user field",
    keys=(
        _claim(
            "subject",
            "Identifier that never changes for a user: a claim, or for SAML `name_id` or an attribute",
            required=True,
        ),
        _claim("email", "Email address; stored, never used to identify users", default="email"),
        _claim("first_name", "First name"),
        _claim("last_name", "Last name"),
        Key(
            name="email_domains",
            shape=ListOf(
                item=DOMAIN, description="Only users with an email address in these domains can sign in"
            ),
        ),
        *(key.key for key in identity_keys()),
    ),
    refused=(
        *REFUSED,
        *OF_USER_NAMES,
        *belongs_elsewhere(SIGN_IN_KEYS, "identity", "to sign_in"),
        *belongs_elsewhere(
            (n for n in TOP_KEYS if n not in ("identity", "name")), "identity", "to the top of the file"
        ),
        *(
            (
                name,
                KnownMistake(
                    code="PG125",
                    message=f'"{name}" is reserved for the host; a partner cannot assert it',
                    hint="delete the key" if name != "id" else "use the key subject to identify a user",
                    intended="" if name != "id" else "subject",
                ),
            )
            for name in ("partner_id", "partner", "id")
        ),
        *called("first_name", "identity", "name", written="first_name and last_name"),
    ),
    otherwise="put any other claim under attributes: {NAME: CLAIM}",
)
IDENTITY_OVERRIDE: Object = loosened(IDENTITY)
