"""Shapes that several parts of the language use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.language.shape.collections import SECRET_HINT, SECRET_IN_CLEAR, Key, KnownMistake, Object
from partnergate.language.shape.scalars import Text
from partnergate.realm.mappers.mapper_kinds import identity_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

IDENTIFIER = Text(
    description="Lower-case letters, digits, and dashes",
    pattern=r"^[a-z0-9][a-z0-9-]{1,62}$",
    form="an ID: 2 to 63 lower-case letters, digits, and dashes, not starting with a dash",
    examples=("acme", "acme-eu"),
    fix=lambda text: re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"),
)
PROVIDER_NAME = Text(
    description="Lower-case letters, digits, and dashes; the alias is `<partner>-<name>`",
    pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
    form="a name of lower-case letters, digits, and dashes",
    examples=("saml", "oidc-2027"),
)
ALIAS = Text(
    description="Alias in Keycloak of a provider that was adopted under another name",
    pattern=r"^[A-Za-z0-9_][A-Za-z0-9._~-]{0,254}$",
    form="an alias: letters, digits, dots, underscores, tildes, and dashes",
    examples=("Acme_SSO",),
)
ENVIRONMENT_NAME = Text(
    description="Name of a file in `realm_templates/`",
    pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
    form="an environment name",
    examples=("staging", "production"),
)
EMAIL = Text(
    description="An email address",
    pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
    form="an email address",
    format="email",
    examples=("sso@acme.example",),
    longest=254,
    fix=lambda text: text.removeprefix("mailto:").rpartition("<")[2].partition(">")[0].strip(),
)
DOMAIN = Text(
    description="Domain in lower case, without @ and wildcards",
    pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$",
    form="a domain in lower case, without @ and wildcards",
    examples=("acme.example",),
    longest=253,
    code="PG130",
    fix=lambda text: re.sub(r"^(?:https?://)?(?:www\.)?(?:.*@)?(?:\*\.)?|[/:].*$|\.$", "", text.lower()),
)
URL = Text(description="Absolute URL", format="uri", examples=("https://login.acme.example/",))
RECORDED_FILE = Text(
    description="Name of a file in the partner directory",
    pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$",
    form="the name of a file in the same directory, without a path",
    examples=("acme.openid-configuration.json",),
    code="PG030",
)
TOP_KEYS = (
    "partner",
    "name",
    "stage",
    "contacts",
    "alias",
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
    "email",
    "first_name",
    "last_name",
    "email_domains",
    *(key.key.name for key in identity_keys()),
)


def belongs_elsewhere(
    names: Iterable[str], here: str, where: str, *, intended: str = ""
) -> tuple[tuple[str, KnownMistake], ...]:
    """Return refusals for keys of another section. Usually only the indentation is wrong."""
    return tuple(
        (
            name,
            KnownMistake(
                code="PG012",
                message=f'unknown key "{name}" in {here}',
                hint=f"{name} belongs {where}: check the indentation",
                intended=intended,
            ),
        )
        for name in names
    )


NAME = Text(description="Display name", examples=("Acme Automations",), longest=120)
SENTENCE = Text(description="Text for readers", longest=1000)

_NO_LITERAL = KnownMistake(
    code="PG101",
    message=SECRET_IN_CLEAR,
    hint=SECRET_HINT,
)
SECRET = Object(
    name="client_secret",
    description="Where the client secret is stored; never the secret itself",
    keys=(
        Key(
            name="vault",
            shape=Text(
                description="Key in Keycloak's own vault; only Keycloak reads it",
                pattern=r"^[a-z0-9][a-z0-9-]{0,120}$",
                form="a vault key of lower-case letters, digits, and dashes; never the secret itself",
                code="PG101",
                examples=("acme-client-secret",),
            ),
        ),
        Key(
            name="env",
            shape=Text(
                description="Environment variable of the process that runs apply",
                pattern=r"^[A-Z][A-Z0-9_]{0,120}$",
                form="the name of an environment variable in capital letters; never the secret itself",
                code="PG101",
                examples=("ACME_CLIENT_SECRET",),
            ),
        ),
        Key(
            name="file",
            shape=Text(
                description="File in the directory of `--secrets-dir` that contains only the secret",
                pattern=r"^[a-z0-9][a-z0-9_]{0,160}$",
                form="the name of a file in the secrets directory, without a path: "
                "lower-case letters, digits, and underscores",
                code="PG164",
                examples=("acme_client_secret",),
            ),
        ),
    ),
    exactly_one=("vault", "env", "file"),
    instead=_NO_LITERAL,
    refused=tuple(
        (word, _NO_LITERAL) for word in ("value", "literal", "plain", "secret", "password", "text")
    ),
)
