"""Shapes that several parts of the language share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.language.shape.collections import SECRET_HINT, SECRET_IN_CLEAR, Key, Object, Refusal
from partnergate.language.shape.scalars import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

IDENTIFIER = Text(
    description="Lower-case letters, digits and dashes",
    pattern=r"^[a-z0-9][a-z0-9-]{1,62}$",
    form="an id: 2 to 63 lower-case letters, digits and dashes, not starting with a dash",
    examples=("acme", "acme-eu"),
    mend=lambda text: re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"),
)
PROVIDER_NAME = Text(
    description="Lower-case letters, digits and dashes; the alias is `<partner>-<name>`",
    pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
    form="a name of lower-case letters, digits and dashes",
    examples=("saml", "oidc-2027"),
)
ENVIRONMENT_NAME = Text(
    description="The name of a file in `realm_templates/`",
    pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
    form="an environment's name",
    examples=("staging", "production"),
)
EMAIL = Text(
    description="An e-mail address",
    pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
    form="an e-mail address",
    format="email",
    examples=("sso@acme.example",),
    longest=254,
    mend=lambda text: text.removeprefix("mailto:").rpartition("<")[2].partition(">")[0].strip(),
)
DOMAIN = Text(
    description="A domain in lower case, without @ and without wildcard",
    pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$",
    form="a domain in lower case, without @ and without wildcard",
    examples=("acme.example",),
    longest=253,
    code="PG130",
    mend=lambda text: re.sub(r"^(?:https?://)?(?:www\.)?(?:.*@)?(?:\*\.)?|[/:].*$|\.$", "", text.lower()),
)
URL = Text(description="An absolute URL", format="uri", examples=("https://login.acme.example/",))
CLAIM = Text(
    description="The name of a claim or attribute of the partner; a dot goes into an object",
    pattern=r"^[^\s@]{1,255}$",
    form="the name of a claim or attribute: no spaces and no @",
    examples=("sub", "given_name"),
)
CLAIM_VALUE = Text(
    description="The exact value of the claim or attribute",
    examples=("platform-admins",),
    longest=255,
    several="one value; write an entry under roles for each",
)
FILE_BESIDE = Text(
    description="A file beside the partner file, by its bare name",
    pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$",
    form="the bare name of a file in the same directory",
    examples=("acme.openid-configuration.json",),
    code="PG030",
)
TOP_KEYS = (
    "partner",
    "name",
    "stage",
    "contacts",
    "sign_in",
    "providers",
    "identity",
    "environments",
    "test_users",
    "waivers",
    "onboarding",
    "agreement",
)
IDENTITY_KEYS = (
    "subject",
    "username",
    "email",
    "first_name",
    "last_name",
    "email_domains",
    "attributes",
    "roles",
)


def belongs_elsewhere(
    names: Iterable[str], here: str, where: str, *, meant: str = ""
) -> tuple[tuple[str, Refusal], ...]:
    """What to say of keys that belong to another part of the file: mostly the indentation is wrong."""
    return tuple(
        (
            name,
            Refusal(
                code="PG012",
                message=f'unknown key "{name}" in {here}',
                hint=f"{name} belongs {where}: look at the indentation",
                meant=meant,
            ),
        )
        for name in names
    )


NAME = Text(description="A name for people", examples=("Acme Automations",), longest=120)
SENTENCE = Text(description="A sentence for people", longest=1000)

_NO_LITERAL = Refusal(
    code="PG101",
    message=SECRET_IN_CLEAR,
    hint=SECRET_HINT,
)
SECRET = Object(
    name="client_secret",
    description="Where the client secret is kept; never the secret itself",
    keys=(
        Key(
            name="vault",
            shape=Text(
                description="The key in Keycloak's own vault; Keycloak reads it, nobody else needs to",
                pattern=r"^[a-z0-9][a-z0-9-]{0,120}$",
                form="a vault key of lower-case letters, digits and dashes; a secret itself never goes here",
                code="PG101",
                examples=("acme-client-secret",),
            ),
        ),
        Key(
            name="env",
            shape=Text(
                description="The environment variable of the process that applies",
                pattern=r"^[A-Z][A-Z0-9_]{0,120}$",
                form="the name of an environment variable in capitals; a secret itself never goes here",
                code="PG101",
                examples=("ACME_CLIENT_SECRET",),
            ),
        ),
        Key(
            name="file",
            shape=Text(
                description="The file, readable by the process that applies, that holds the secret alone",
                pattern=r"^/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
                form="the path of a file",
                examples=("/run/secrets/acme",),
            ),
        ),
    ),
    exactly_one=("vault", "env", "file"),
    instead=_NO_LITERAL,
    refused=tuple(
        (word, _NO_LITERAL) for word in ("value", "literal", "plain", "secret", "password", "text")
    ),
)
