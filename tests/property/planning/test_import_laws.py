"""An import ends with valid files, whatever text the server stores in the config of a provider."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from partnergate.applying.importing.provider_import import import_providers
from partnergate.cli.realm.import_ import drafted
from partnergate.diagnostics import has_errors
from partnergate.language.load import load_workspace
from partnergate.realm.representation import state_of

URL = "https://id.example"
CONFIG_KEYS = (
    "acceptsPromptNoneForwardFromClient", "allowCreate", "allowedClockSkew", "attributeConsumingServiceIndex",
    "attributeConsumingServiceName", "authnContextClassRefs", "authnContextComparisonType", "authorizationUrl",
    "backchannelSupported", "caseSensitiveOriginalUsername", "claimFilterName", "claimFilterValue",
    "clientAssertionSigningAlg", "clientAuthMethod", "clientId", "clientSecret", "defaultScope",
    "disableUserInfo", "emailClaim", "encryptionAlgorithm", "entityId", "familyNameClaim", "filteredByClaim",
    "forceAuthn", "forwardParameters", "fullNameClaim", "givenNameClaim", "hideOnLoginPage", "idpEntityId",
    "isAccessTokenJWT", "issuer", "jwksUrl", "logoutUrl", "metadataDescriptorUrl", "nameIDPolicyFormat",
    "pkceEnabled", "pkceMethod", "postBindingAuthnRequest", "postBindingLogout", "postBindingResponse",
    "principalAttribute", "principalType", "prompt", "publicKeySignatureVerifier", "signatureAlgorithm",
    "signingCertificate", "singleLogoutServiceUrl", "singleSignOnServiceUrl", "syncMode", "tokenUrl",
    "uiLocales", "useJwksUrl", "useMetadataDescriptorUrl", "userIDClaim", "userInfoUrl", "userNameClaim",
    "validateSignature", "wantAssertionsEncrypted", "wantAssertionsSigned", "wantAuthnRequestsSigned",
)  # fmt: skip
MAPPER_KEYS = (
    "claim", "claim.value", "claims", "are.claim.values.regex", "attributes", "are.attribute.values.regex",
    "attribute", "attribute.name", "attribute.friendly.name", "attribute.value", "user.attribute", "role",
    "group", "template", "target", "syncMode",
)  # fmt: skip
MAPPER_TYPES = (
    "oidc-role-idp-mapper", "oidc-advanced-role-idp-mapper", "oidc-advanced-group-idp-mapper",
    "oidc-hardcoded-role-idp-mapper", "oidc-hardcoded-group-idp-mapper", "oidc-user-attribute-idp-mapper",
    "oidc-username-idp-mapper", "saml-role-idp-mapper", "saml-advanced-role-idp-mapper",
    "saml-advanced-group-idp-mapper", "saml-user-attribute-idp-mapper", "saml-username-idp-mapper",
    "saml-xpath-attribute-idp-mapper", "hardcoded-attribute-idp-mapper",
)  # fmt: skip
ODD = st.sampled_from(
    [
        "", " ", "true", "false", "TRUE", "abc", "0", "-1", "1e9", "null", "~", "[]", "{", "${vault.x}", "${x}",
        "https://login.corp.example/x", "http://[", "https://[::1", "//", "a,b,,c", "openid\u200b", "\ufeff",
        "a: b\n# c", "- x", "&a *a", "!!python/object:x", "\x00", "\x85", "\u2028", "\ud800", "x" * 3000,
        "${CLAIM.oid}", "${ALIAS}.${CLAIM.sub}", "BROKER_ID", "ATTRIBUTE", "FRIENDLY_ATTRIBUTE",
        '[{"key":"g","value":"a"}]', '[{"key":"g"}]', '{"a":1}', "staff", "/Staff",
        "admin", "two words", "/a b", "/ ", "/\u200b",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "private_key_jwt", "client_secret_jwt",
    ]
)  # fmt: skip
VALUES = ODD | st.text(max_size=40)
NAMES = st.sampled_from(["corp", "Corp.SSO", "corp_1", "x", "-", "a b", "corp-2"]) | st.text(
    min_size=1, max_size=20
)
MAPPERS = st.fixed_dictionaries(
    {
        "name": st.text(min_size=1, max_size=10),
        "identityProviderMapper": st.sampled_from(MAPPER_TYPES) | st.text(max_size=10),
        "config": st.dictionaries(st.sampled_from(MAPPER_KEYS), VALUES, max_size=6),
    }
)
PROVIDERS = st.fixed_dictionaries(
    {
        "alias": NAMES,
        "providerId": st.sampled_from(["oidc", "keycloak-oidc", "saml", "oauth2", "google"]),
        "config": st.dictionaries(st.sampled_from(CONFIG_KEYS), VALUES, max_size=25),
        "mappers": st.lists(MAPPERS, max_size=4, unique_by=lambda one: one["name"]),
    },
    optional={
        "displayName": VALUES,
        "enabled": st.booleans(),
        "linkOnly": st.booleans(),
        "postBrokerLoginFlowAlias": VALUES,
    },
)
ROLES = ("staff", "admin", "two words", "over\nlines", "x" * 300, "\u200b")
USABLE = {
    "issuer": "https://login.{}.example", "authorizationUrl": "https://login.{}.example/a",
    "tokenUrl": "https://login.{}.example/t", "jwksUrl": "https://login.{}.example/j", "clientId": "host-{}",
    "userInfoUrl": "https://login.{}.example/u", "idpEntityId": "https://idp.{}.example",
    "singleSignOnServiceUrl": "https://idp.{}.example/sso", "useMetadataDescriptorUrl": "true",
    "metadataDescriptorUrl": "https://idp.{}.example/metadata", "userIDClaim": "id", "clientSecret": "**********",
}  # fmt: skip


def realm_of(providers: list[dict[str, Any]], *, usable: bool) -> Any:
    """A realm with these providers. If they are usable, the odd values replace those of working ones."""
    for place, one in enumerate(providers):
        working = {key: value.format(f"p{place}") for key, value in USABLE.items()} if usable else {}
        one["config"] = working | one["config"]
    return state_of(
        {
            "realm": "host",
            "eventsExpiration": 10**12,
            "roles": {"realm": [{"name": name, "description": name} for name in ROLES]},
            "groups": [{"path": path, "name": path} for path in ("/Staff", "/a b", "/ ", "/\u200b")],
            "identityProviders": [
                {key: value for key, value in one.items() if key != "mappers"} for one in providers
            ],
            "identityProviderMappers": [
                mapper | {"identityProviderAlias": one["alias"]}
                for one in providers
                for mapper in one["mappers"]
            ],
        }
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(PROVIDERS, min_size=1, max_size=4, unique_by=lambda one: one["alias"]), st.booleans())
def test_any_text_in_any_key_gives_valid_files_or_a_reason(
    providers: list[dict[str, Any]], usable: bool
) -> None:
    aliases = {one["alias"] for one in providers}
    state = realm_of(providers, usable=usable)
    found, left = import_providers(state, f"{URL}/realms/host")
    with TemporaryDirectory() as made:
        root = Path(made)
        result = drafted(
            root, "demo", state, found, server_url=URL, loopback_http=False, today=date(2026, 11, 24)
        )
        _, problems = load_workspace(root, "demo", variables={})
    assert not has_errors(problems), problems
    written = {one.partner.alias for one in result.exact} | {one.partner.alias for one, _ in result.drafts}
    refused = {one.alias for one in [*left, *result.skipped]}
    assert written | refused == aliases
    assert not written & refused
    assert all(one.reason for one in [*left, *result.skipped])
