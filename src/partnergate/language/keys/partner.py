"""The keys of a partner file."""

from __future__ import annotations

from partnergate.language.keys.agreement import AGREEMENT
from partnergate.language.keys.identity import IDENTITY, IDENTITY_OVERRIDE
from partnergate.language.keys.shared_shapes import (
    ALIAS,
    EMAIL,
    ENVIRONMENT_NAME,
    IDENTIFIER,
    IDENTITY_KEYS,
    NAME,
    PROVIDER_NAME,
    SENTENCE,
    TOP_KEYS,
    belongs_elsewhere,
)
from partnergate.language.keys.sign_in import SIGN_IN, SIGN_IN_KEYS, SIGN_IN_OVERRIDE
from partnergate.language.shape.collections import Key, KnownMistake, ListOf, MapOf, Object, called
from partnergate.language.shape.scalars import Choice, Day, Flag, Text, Whole

VERSION = Key(
    name="partnergate",
    shape=Whole(least=1, most=1, description="Version of the language: 1"),
    required=True,
)
_STAGE = Key(
    name="stage",
    shape=Choice(
        words=("draft", "staging", "live", "suspended", "retired"),
        often=(
            *((word, "live is deployed to production") for word in ("production", "prod", "active")),
            *((word, "staging is deployed to staging only") for word in ("test", "testing", "stage", "dev")),
            *(
                (word, "suspended rejects logins and keeps users")
                for word in ("disabled", "inactive", "paused")
            ),
            *(
                (word, "retired marks a partner that has left")
                for word in ("deleted", "removed", "offboarded")
            ),
        ),
        description=(
            "`draft` is only validated; `staging` is deployed to staging; `live` to both; "
            "`suspended` rejects logins; `retired` is removed when no statement is open"
        ),
    ),
    required=True,
)
_ADDRESSES = ListOf(item=EMAIL, description="Email addresses")
_CONTACTS = Object(
    name="contacts",
    description="Contact addresses",
    keys=(
        Key(name="technical", shape=_ADDRESSES, note="For sign-in"),
        Key(name="billing", shape=_ADDRESSES, note="For statements"),
    ),
    at_least_one=("technical", "billing"),
)
_RETIRED = Key(
    name="retired",
    shape=Flag(description="Previous provider of a migration: disabled, the links of its users are kept"),
    default=False,
)
PROVIDER = Object(
    name="providers",
    description="One of several identity providers, for a migration from one to another",
    keys=(
        Key(name="name", shape=PROVIDER_NAME, required=True),
        Key(
            name="alias",
            shape=ALIAS,
            note="Only for a provider that was adopted under another alias than `<partner>-<name>`; "
            "users lose their accounts if it changes",
        ),
        Key(name="sign_in", shape=SIGN_IN, required=True),
        Key(
            name="identity",
            shape=IDENTITY,
            note="Own claim mapping; by default the `identity` of the partner",
        ),
        _RETIRED,
    ),
    refused=(
        *called("name", "providers", "id"),
        *called(
            "retired",
            "providers",
            "enabled",
            "disabled",
            "active",
            written="retired: true to disable a provider and keep the links of its users",
        ),
        *belongs_elsewhere(SIGN_IN_KEYS, "providers", "under sign_in", intended="sign_in"),
        *belongs_elsewhere(
            (key for key in IDENTITY_KEYS if key != "name"),
            "providers",
            "under identity",
            intended="identity",
        ),
    ),
)
_PROVIDER_OVERRIDE = Object(
    name="providers",
    description="Overrides the provider with that name",
    keys=(
        Key(name="name", shape=PROVIDER_NAME, required=True),
        Key(name="sign_in", shape=SIGN_IN_OVERRIDE),
        Key(name="identity", shape=IDENTITY_OVERRIDE),
        _RETIRED,
    ),
)
OVERRIDE = Object(
    name="environments",
    description="Overrides for one environment; `${name}` refers to its variables",
    keys=(
        Key(name="sign_in", shape=SIGN_IN_OVERRIDE, note="Overrides `sign_in`; another protocol replaces it"),
        Key(
            name="providers",
            shape=ListOf(item=_PROVIDER_OVERRIDE, description="Overrides the providers with the same names"),
        ),
        Key(name="identity", shape=IDENTITY_OVERRIDE, note="Overrides `identity`"),
    ),
    at_least_one=("sign_in", "providers", "identity"),
    refused=(
        *belongs_elsewhere(SIGN_IN_KEYS, "environments", "under sign_in", intended="sign_in"),
        *belongs_elsewhere(IDENTITY_KEYS, "environments", "under identity", intended="identity"),
        *(
            (
                name,
                KnownMistake(
                    code="PG012",
                    message=f'unknown key "{name}" in environments',
                    hint=f"delete the key: {name} is the same in every environment",
                    intended="sign_in",
                ),
            )
            for name in TOP_KEYS
            if name not in ("sign_in", "providers", "identity")
        ),
    ),
)
_TEST_USERS = Object(
    name="test_users",
    description="Users whose usage is not billed in a span of days, approved by the host",
    keys=(
        Key(name="since", shape=Day(description="First day"), required=True),
        Key(name="until", shape=Day(description="Last day; usage after it is billed"), required=True),
        Key(
            name="subjects",
            shape=ListOf(
                item=Text(description="Subject at the partner", longest=255),
                description="Exact subjects that the identity provider of the partner sends",
            ),
            required=True,
        ),
    ),
    refused=(
        *called("subjects", "test_users", "users", "user", "ids", "emails", "email"),
        *called(
            "subjects",
            "test_users",
            "email_domains",
            written="subjects: a partner could give any user an address in a domain",
        ),
        *called("until", "test_users", "end", "expires", "to"),
    ),
)
_WAIVER = Object(
    name="waivers",
    description="Named, dated, and justified exception to one security rule; shown in plans",
    keys=(
        Key(
            name="code",
            shape=Text(
                description="Diagnostic code",
                pattern=r"^PG[0-9]{3}$",
                form="a code like PG117",
                examples=("PG117",),
                code="PG150",
            ),
            required=True,
        ),
        Key(
            name="reason",
            shape=SENTENCE,
            required=True,
            note="Why the exception is needed and what you do about it",
        ),
        Key(name="until", shape=Day(description="Last day of the waiver"), required=True),
        Key(name="approved_by", shape=NAME, required=True, note="Who approved it"),
    ),
)
_STEP = Object(
    name="onboarding",
    description="One step of the onboarding",
    keys=(
        Key(
            name="step",
            shape=Choice(
                words=("contact", "integration", "terms", "staging_test", "launch", "monitoring"),
                often=(
                    ("contract", 'the agreement is called "terms"'),
                    ("test", 'did you mean "staging_test"?'),
                    *((word, 'did you mean "launch"?') for word in ("go-live", "golive", "go_live", "live")),
                ),
                description="Step",
            ),
            required=True,
        ),
        Key(name="owner", shape=NAME, required=True, note="Who does it"),
        Key(name="due", shape=Day(description="Due date")),
        Key(name="done", shape=Day(description="Completion date")),
        Key(name="note", shape=SENTENCE),
    ),
)
PARTNER = Object(
    name="the partner file",
    description="One partner, in all environments",
    keys=(
        VERSION,
        Key(
            name="partner",
            shape=IDENTIFIER,
            required=True,
            note="Partner ID, the name of the file; never changes and is never reused",
        ),
        Key(name="name", shape=NAME, required=True, note="Display name of the partner"),
        _STAGE,
        Key(name="contacts", shape=_CONTACTS),
        Key(
            name="alias",
            shape=ALIAS,
            note="Only for a provider that was adopted under another alias than the partner ID; "
            "users lose their accounts if it changes",
        ),
        Key(name="sign_in", shape=SIGN_IN),
        Key(
            name="providers",
            shape=ListOf(
                item=PROVIDER, description="Several identity providers, instead of `sign_in`", most=10
            ),
        ),
        Key(name="identity", shape=IDENTITY),
        Key(
            name="environments",
            shape=MapOf(key=ENVIRONMENT_NAME, value=OVERRIDE, description="Overrides per environment"),
        ),
        Key(name="test_users", shape=ListOf(item=_TEST_USERS, description="Users whose usage is not billed")),
        Key(name="waivers", shape=ListOf(item=_WAIVER, description="Exceptions to security rules")),
        Key(name="onboarding", shape=ListOf(item=_STEP, description="Onboarding progress of the partner")),
        Key(name="agreement", shape=ListOf(item=AGREEMENT, description="Versions of the commercial terms")),
    ),
    at_most_one=("sign_in", "providers"),
    exclusive=(("alias", "providers"),),
    refused=(
        *belongs_elsewhere(SIGN_IN_KEYS, "the partner file", "under sign_in", intended="sign_in"),
        *belongs_elsewhere(IDENTITY_KEYS, "the partner file", "under identity", intended="identity"),
        *called("partnergate", "the partner file", "version", "apiVersion", "api_version"),
        *called("partner", "the partner file", "id", "partner_id", "slug"),
    ),
)
