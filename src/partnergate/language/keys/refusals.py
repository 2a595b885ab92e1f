"""Keys of other tools that weaken a login or belong elsewhere, each with the reason for rejecting it."""

from __future__ import annotations

from partnergate.language.shape.collections import KnownMistake

_SIGNATURES_STAY_ON = KnownMistake(
    code="PG109",
    message="signatures are always checked; no key turns that off",
    hint="delete the key; a partner that does not sign cannot be connected",
)
_NEVER_TRUST_EMAIL = KnownMistake(
    code="PG106",
    message="email addresses from a partner are never trusted",
    hint="delete the key; users are identified by provider and subject",
)
_NEVER_LINK = KnownMistake(
    code="PG107",
    message="accounts are never linked, and the login flow cannot be changed",
    hint="delete the key; the same email address at two partners means two users",
)
_ALWAYS_FORCED = KnownMistake(
    code="PG108",
    message="the update mode cannot be changed: users are updated at every login",
    hint="delete the key",
)
OF_KEYCLOAK: tuple[tuple[str, KnownMistake], ...] = tuple(
    (name, KnownMistake(code="PG012", message=f'unknown key "{name}" in sign_in', hint=hint))
    for name, hint in (
        ("enabled", "delete the key: stage determines whether users can sign in (live, suspended, retired)"),
        ("config", "write its keys directly under sign_in, with the names of this language"),
        ("metadata_url", "write metadata: {url: ADDRESS}"),
        ("discovery_url", "write discovery: {url: ADDRESS}"),
    )
)
OF_USER_NAMES: tuple[tuple[str, KnownMistake], ...] = tuple(
    (
        name,
        KnownMistake(
            code="PG012",
            message=f'unknown key "{name}" in identity',
            hint="delete the key: the Keycloak user name is always <alias>.<subject>",
        ),
    )
    for name in ("username", "user_name")
)
REFUSED: tuple[tuple[str, KnownMistake], ...] = (
    *(
        (name, _SIGNATURES_STAY_ON)
        for name in (
            "validate_signature",
            "validateSignature",
            "verify_signature",
            "wantAssertionsSigned",
            "disable_nonce",
            "disableNonce",
        )
    ),
    *((name, _NEVER_TRUST_EMAIL) for name in ("trust_email", "trustEmail", "email_verified")),
    *(
        (name, _NEVER_LINK)
        for name in (
            "first_login_flow",
            "first_broker_login_flow",
            "firstBrokerLoginFlowAlias",
            "post_login_flow",
            "postBrokerLoginFlowAlias",
            "link_by_email",
            "account_linking",
            "linkOnly",
            "link_only",
        )
    ),
    *((name, _ALWAYS_FORCED) for name in ("sync_mode", "syncMode")),
)
