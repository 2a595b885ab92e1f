"""Keys that other tools have, and that weaken a login or belong elsewhere here: each is told why."""

from __future__ import annotations

from partnergate.language.shape.collections import Refusal

_SIGNATURES_STAY_ON = Refusal(
    code="PG109",
    message="signatures are always checked; no key turns that off",
    hint="delete the key. A partner that does not sign cannot sign users in",
)
_NEVER_TRUST_EMAIL = Refusal(
    code="PG106",
    message="an e-mail address that a partner asserts is never trusted",
    hint="delete the key. Users are known by provider and subject, so nothing depends on it",
)
_NEVER_LINK = Refusal(
    code="PG107",
    message="accounts are never linked, and no other login flow can be chosen",
    hint="delete the key. Two partners with one e-mail address give two users",
)
_ALWAYS_FORCED = Refusal(
    code="PG108",
    message="how and when users are updated is not a choice: at every login",
    hint="delete the key",
)
OF_KEYCLOAK: tuple[tuple[str, Refusal], ...] = tuple(
    (name, Refusal(code="PG012", message=f'unknown key "{name}" in sign_in', hint=hint))
    for name, hint in (
        (
            "alias",
            "delete the key: the alias is the partner's id, and the provider's name where it has several",
        ),
        ("enabled", "delete the key: stage says whether users may sign in (live, suspended, retired)"),
        ("config", "write what it holds straight below sign_in, by the names of this language"),
        ("metadata_url", "write metadata: {url: ADDRESS}"),
        ("discovery_url", "write discovery: {url: ADDRESS}"),
    )
)
OF_USER_NAMES: tuple[tuple[str, Refusal], ...] = tuple(
    (
        name,
        Refusal(
            code="PG012",
            message=f'unknown key "{name}" in identity',
            hint="delete the key: the Keycloak user name is always <alias>.<subject>",
        ),
    )
    for name in ("username", "user_name")
)
REFUSED: tuple[tuple[str, Refusal], ...] = (
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
