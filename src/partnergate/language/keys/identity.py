"""Which claim becomes which user field, and what it grants."""

from __future__ import annotations

from partnergate.language.keys.refusals import REFUSED
from partnergate.language.keys.shared_shapes import (
    CLAIM,
    CLAIM_VALUE,
    DOMAIN,
    TOP_KEYS,
    belongs_elsewhere,
)
from partnergate.language.keys.sign_in import SIGN_IN_KEYS
from partnergate.language.shape.collections import Key, ListOf, MapOf, Object, Refusal, called
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Text

_HOST_ATTRIBUTE = Text(
    description="The host's name of a user attribute",
    pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,62}$",
    form="an attribute's name: letters, digits, dot, dash and underscore",
    examples=("department",),
)
_GRANT = Object(
    name="roles",
    description="Gives a role or a group to users whose claims match",
    keys=(
        Key(
            name="when",
            shape=MapOf(
                key=CLAIM,
                value=CLAIM_VALUE,
                description="Claim: exact value; all must match. Without it, every user of the partner",
            ),
        ),
        Key(
            name="grant",
            shape=Text(
                description="A role that the realm templates declare",
                examples=("workspace-admin",),
                longest=255,
                several="one role; write an entry under roles for each",
            ),
        ),
        Key(
            name="group",
            shape=Text(
                description="The path of a group that the realm templates declare",
                pattern=r"^(/[^/\s][^/]*)+$",
                form="a group's path, like /partners/acme",
                mend=lambda text: f"/{text.strip('/')}",
                examples=("/partners/acme",),
            ),
        ),
    ),
    exactly_one=("grant", "group"),
    refused=(
        *called("grant", "roles", "role", "roles"),
        *called("when", "roles", "if", "claim", "claims", "condition", written="when: {CLAIM: VALUE}"),
        *called("when", "roles", "groups", written="when: {groups: VALUE}"),
    ),
)


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
        _claim(
            "username", "A name to show; the account's own user name is always made of provider and subject"
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
        Key(
            name="attributes",
            shape=MapOf(key=_HOST_ATTRIBUTE, value=CLAIM, description="Host attribute: partner claim"),
        ),
        Key(name="roles", shape=ListOf(item=_GRANT, description="What users are granted by their claims")),
    ),
    refused=(
        *REFUSED,
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
        *called("username", "identity", "name", written="first_name and last_name, or username"),
    ),
    otherwise="any other claim goes below attributes: {NAME: CLAIM}",
)
IDENTITY_OVERRIDE: Object = loosened(IDENTITY)
