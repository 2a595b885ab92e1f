"""The keys of ``identity``: which claim sets which user field and grants which role."""

from __future__ import annotations

from partnergate.language.keys.refusals import REFUSED
from partnergate.language.keys.shared_shapes import (
    CLAIM,
    CLAIM_VALUE,
    DOMAIN,
    TOP_KEYS,
    belongs_elsewhere,
    called,
)
from partnergate.language.keys.sign_in import SIGN_IN_KEYS
from partnergate.language.shape.collections import Key, ListOf, MapOf, Object, Refusal
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Text

_HOST_ATTRIBUTE = Text(
    description="Name of a user attribute in the host's realm",
    pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,62}$",
    form="an attribute name: letters, digits, dots, dashes, and underscores",
    examples=("department",),
)
_GRANT = Object(
    name="roles",
    description="Grants a role or a group to users with matching claims",
    keys=(
        Key(
            name="when",
            shape=MapOf(
                key=CLAIM,
                value=CLAIM_VALUE,
                description="Claim and exact value; all must match. Without it, every user of the partner",
            ),
        ),
        Key(
            name="grant",
            shape=Text(
                description="A role that a realm template declares",
                examples=("workspace-admin",),
                longest=255,
                several="write one entry under roles for each role",
            ),
        ),
        Key(
            name="group",
            shape=Text(
                description="Path of a group that a realm template declares",
                pattern=r"^(/[^/\s][^/]*)+$",
                form="a group path, like /partners/acme",
                fix=lambda text: f"/{text.strip('/')}",
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
    description="Which claim (OpenID Connect, OAuth 2.0) or attribute (SAML) sets which user field",
    keys=(
        _claim(
            "subject",
            "Identifier that never changes for a user: a claim, or for SAML `name_id` or an attribute",
            required=True,
        ),
        _claim(
            "username", "Display name; the user name of the account always consists of provider and subject"
        ),
        _claim("email", "E-mail address; stored, never used to identify users", default="email"),
        _claim("first_name", "First name"),
        _claim("last_name", "Last name"),
        Key(
            name="email_domains",
            shape=ListOf(
                item=DOMAIN, description="Only users with an e-mail address in these domains can sign in"
            ),
        ),
        Key(
            name="attributes",
            shape=MapOf(key=_HOST_ATTRIBUTE, value=CLAIM, description="Host attribute: partner claim"),
        ),
        Key(name="roles", shape=ListOf(item=_GRANT, description="Roles and groups that claims grant")),
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
                    message=f'"{name}" is reserved for the host; a partner cannot assert it',
                    hint="delete the key" if name != "id" else "use the key subject to identify a user",
                    intended="" if name != "id" else "subject",
                ),
            )
            for name in ("partner_id", "partner", "id")
        ),
        *called("username", "identity", "name", written="first_name and last_name, or username"),
    ),
    otherwise="put any other claim under attributes: {NAME: CLAIM}",
)
IDENTITY_OVERRIDE: Object = loosened(IDENTITY)
