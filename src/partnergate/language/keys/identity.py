"""Which claim becomes which user field, and what it grants."""

from __future__ import annotations

from partnergate.language.keys.refusals import OF_USER_NAMES, REFUSED
from partnergate.language.keys.shared_shapes import (
    DOMAIN,
    TOP_KEYS,
    belongs_elsewhere,
    called,
)
from partnergate.language.keys.sign_in import SIGN_IN_KEYS
from partnergate.language.shape.collections import Key, ListOf, Object, Refusal
from partnergate.language.shape.loosening import loosened
from partnergate.realm.mappers.claims import CLAIM
from partnergate.realm.mappers.registry import identity_keys


def _claim(name: str, description: str, *, required: bool = False, default: str | None = None) -> Key:
    return Key(name=name, shape=CLAIM, required=required, default=default, note=description)


IDENTITY = Object(
    name="identity",
    description="Which claim (OpenID Connect, OAuth 2.0) or attribute (SAML) becomes which user field",
    keys=(
        _claim(
            "subject",
            "The identifier that never changes for a user: a claim, or for SAML `name_id` or an attribute",
            required=True,
        ),
        _claim("email", "The e-mail address; kept, never used to recognise anybody", default="email"),
        _claim("first_name", "The first name"),
        _claim("last_name", "The last name"),
        Key(
            name="email_domains",
            shape=ListOf(
                item=DOMAIN, description="Only users with an e-mail address of these domains may enter"
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
                Refusal(
                    code="PG125",
                    message=f'"{name}" is set by the host alone; a partner cannot assert it',
                    hint="delete the key"
                    if name != "id"
                    else "the key for what identifies a user is subject",
                    meant="" if name != "id" else "subject",
                ),
            )
            for name in ("partner_id", "partner", "id")
        ),
        *called("first_name", "identity", "name", written="first_name and last_name"),
    ),
    otherwise="any other claim goes below attributes: {NAME: CLAIM}",
)
IDENTITY_OVERRIDE: Object = loosened(IDENTITY)
