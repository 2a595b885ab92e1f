"""The secure values that every partner gets, whatever its file says. See the threats in docs."""

from __future__ import annotations

import re

import pytest

from builders.partners import oauth2, oidc, partner, saml
from builders.realms import desired, realm_spec
from partnergate.model.partner import RoleGrant, SecretRef, SecretSource, Stage
from partnergate.realm.desired.domain_gate import domain_pattern
from partnergate.realm.state import ResourceKind

ALL = [
    partner("acme", sign_in=oidc("acme")),
    partner("globex", sign_in=saml("globex"), subject="name_id"),
    partner("initech", sign_in=oauth2("initech")),
]


def provider_of(spec, **options):
    return next(r for r in desired(spec, **options).resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER)


def mappers_of(spec):
    found = desired(spec).resources
    return {r.key.name: r.fields for r in found if r.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER}


def of_kind(kind, *partners, **options):
    return [r for r in desired(*partners, **options).resources if r.key.kind is kind]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.partner)
def test_every_provider_is_closed_where_the_server_leaves_it_open(spec):
    fields = provider_of(spec).fields
    assert {
        "trustEmail": False,
        "storeToken": False,
        "addReadTokenRoleOnCreate": False,
        "linkOnly": False,
        "hideOnLogin": True,
        "firstBrokerLoginFlowAlias": "partnergate-first-login",
        "config.syncMode": "FORCE",
        "config.showInAccountConsole": "NEVER",
        "config.caseSensitiveOriginalUsername": "true",
    }.items() <= fields.items()


def test_openid_connect_checks_signature_issuer_and_code():
    assert {
        "config.validateSignature": "true",
        "config.useJwksUrl": "true",
        "config.issuer": "https://login.acme.example/",
        "config.pkceEnabled": "true",
        "config.pkceMethod": "S256",
        "config.clientAuthMethod": "client_secret_basic",
        "config.disableUserInfo": "true",
        "config.allowedClockSkew": "0",
        "config.forwardParameters": "acr_values",
    }.items() <= provider_of(ALL[0]).fields.items()


def test_saml_checks_assertions_and_asks_first():
    fields = provider_of(ALL[1]).fields
    assert {
        "config.validateSignature": "true",
        "config.wantAssertionsSigned": "true",
        "config.wantAuthnRequestsSigned": "true",
        "config.signatureAlgorithm": "RSA_SHA256",
        "config.postBindingResponse": "true",
        "config.idpEntityId": "https://idp.globex.example/metadata",
        "config.principalType": "SUBJECT",
        "config.nameIDPolicyFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    }.items() <= fields.items()
    assert "config.enabledFromMetadata" not in fields


def test_saml_may_identify_by_an_attribute():
    fields = provider_of(partner("globex", sign_in=saml(), subject="employeeId")).fields
    assert fields["config.principalType"] == "ATTRIBUTE"
    assert fields["config.principalAttribute"] == "employeeId"


def test_oauth2_uses_a_code_proof_and_names_users_by_their_subject():
    """Two partners with the same display name would collide in the realm's user names."""
    fields = provider_of(ALL[2]).fields
    assert fields["config.pkceMethod"] == "S256"
    assert fields["config.userIDClaim"] == fields["config.userNameClaim"] == "sub"


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.partner)
def test_the_partner_id_is_hard_coded_and_every_mapper_is_forced(spec):
    mappers = mappers_of(spec)
    for name in ("partner-id-attribute", "partner-id-session"):
        assert mappers[name]["identityProviderMapper"].startswith("hardcoded-")
        assert mappers[name]["config.attribute"] == "partner_id"
        assert mappers[name]["config.attribute.value"] == spec.partner
    assert {fields["config.syncMode"] for fields in mappers.values()} == {"FORCE"}


@pytest.mark.parametrize(
    ("spec", "template"),
    [
        (ALL[0], "${ALIAS}.${CLAIM.sub}"),
        (ALL[1], "${ALIAS}.${NAMEID}"),
        (partner("globex", sign_in=saml(), subject="uid"), "${ALIAS}.${ATTRIBUTE.uid}"),
        (ALL[2], "${ALIAS}.${CLAIM.sub}"),
    ],
)
def test_a_user_name_is_the_alias_and_the_subject(spec, template):
    username = mappers_of(spec)["username"]
    assert (username["config.template"], username["config.target"]) == (template, "LOCAL")


def test_login_events_name_the_stable_subject():
    """Left alone, OpenID Connect events name ``preferred_username``, which a user can change."""
    subject = mappers_of(partner("acme", subject="oid"))["subject"]
    assert (subject["config.template"], subject["config.target"]) == ("${CLAIM.oid}", "BROKER_USERNAME")
    assert "subject" not in mappers_of(ALL[1])
    assert "subject" not in mappers_of(ALL[2])


def test_the_first_login_never_links():
    flows = {r.key.name: r.fields for r in of_kind(ResourceKind.FLOW)}
    first, empty_subject = flows["partnergate-first-login"]["executions"]
    assert first == (("authenticator", "idp-create-user-if-unique"), ("requirement", "REQUIRED"))
    assert not any("link" in str(step) or "detect" in str(step) for step in (first, empty_subject))


def test_the_pages_mention_platforms_and_never_name_another_user():
    (settings,) = of_kind(ResourceKind.REALM)
    texts = {k: v for k, v in settings.fields.items() if k.startswith("localizationTexts.en.")}
    assert "{0}" not in texts["localizationTexts.en.differentUserAuthenticated"]
    assert "not open at the moment" in texts["localizationTexts.en.invalidUserMessage"]
    # A test login recognizes this page by these words.
    assert "already exists" in texts["localizationTexts.en.federatedIdentityExistsMessage"]
    assert not any("'" in text for text in texts.values()), "a single quote hides what follows it"


def test_the_first_login_denies_a_user_without_an_identifier():
    flows = {r.key.name: r.fields for r in of_kind(ResourceKind.FLOW)}
    empty_subject = dict(flows["partnergate-first-login"]["executions"][1])
    condition, deny = map(dict, empty_subject["steps"])
    assert empty_subject["requirement"] == "CONDITIONAL"
    assert (condition["authenticator"], condition["requirement"]) == (
        "conditional-user-attribute",
        "REQUIRED",
    )
    assert dict(condition["config"]) == {
        "attribute_expected_value": r"(?s)[^.]*\.[\s\p{Z}\p{C}]*",
        "attribute_name": "username",
        "include_group_attributes": "false",
        "not": "false",
        "regex": "true",
    }
    assert (deny["authenticator"], deny["requirement"]) == ("deny-access-authenticator", "REQUIRED")


def test_a_live_session_alone_never_opens_a_host_client():
    flows = {r.key.name: r.fields for r in of_kind(ResourceKind.FLOW)}
    [step] = flows["partnergate-browser"]["executions"]
    assert step == (("authenticator", "identity-provider-redirector"), ("requirement", "REQUIRED"))
    clients = {r.key.name: r.fields for r in of_kind(ResourceKind.CLIENT)}
    bound = {name: fields["authenticationFlowBindingOverrides.browser"] for name, fields in clients.items()}
    assert bound == {"host-app": "partnergate-browser", "host-launch": "partnergate-session-check"}


def test_a_client_has_the_code_flow_with_proof_alone():
    for client in of_kind(ResourceKind.CLIENT):
        assert client.fields["attributes.pkce.code.challenge.method"] == "S256"
        for name in ("implicitFlowEnabled", "directAccessGrantsEnabled", "fullScopeAllowed"):
            assert client.fields[name] is False


def test_the_launch_client_gets_neither_roles_nor_profile():
    clients = {r.key.name: r.fields for r in of_kind(ResourceKind.CLIENT)}
    assert clients["host-launch"]["defaultClientScopes"] == ("basic", "partnergate")


def test_users_edit_nothing_and_partner_id_is_for_administrators():
    [profile] = of_kind(ResourceKind.USER_PROFILE, partner("acme", attributes=(("department", "dept"),)))
    for name, attribute in profile.fields.items():
        if name.startswith("attributes."):
            assert dict(dict(attribute)["permissions"])["edit"] == ("admin",)
            assert "required" not in dict(attribute)
    assert {"attributes.partner_id", "attributes.department"} <= profile.fields.keys()
    assert profile.fields["unmanagedAttributePolicy"] == "DISABLED"


def test_every_user_of_the_realm_has_no_role_by_default():
    """With manage-account a partner's user could link another partner's account."""
    roles = {r.key.name: r.fields for r in of_kind(ResourceKind.ROLE, realm=realm_spec(realm="Host"))}
    assert "composites" not in roles["default-roles-host"]


def test_the_realm_is_closed():
    [settings] = of_kind(ResourceKind.REALM)
    assert {
        "sslRequired": "all",
        "registrationAllowed": False,
        "loginWithEmailAllowed": False,
        "duplicateEmailsAllowed": True,
        "resetPasswordAllowed": False,
        "editUsernameAllowed": False,
        "bruteForceProtected": True,
        "revokeRefreshToken": True,
        "refreshTokenMaxReuse": 0,
    }.items() <= settings.fields.items()


def test_plain_http_is_for_a_realm_on_the_same_machine():
    [settings] = of_kind(ResourceKind.REALM, realm=realm_spec(loopback=True))
    assert settings.fields["sslRequired"] == "external"


def test_a_template_may_set_more():
    realm = realm_spec(settings=(("accessTokenLifespan", 120), ("smtpServer", {"host": "mail"})))
    [settings] = of_kind(ResourceKind.REALM, realm=realm)
    assert settings.fields["accessTokenLifespan"] == 120
    assert settings.fields["smtpServer"] == (("host", "mail"),)


@pytest.mark.parametrize(
    ("version", "has"),
    [("26.3.0", False), ("26.4.13", False), ("26.5.0", True), ("26.7.3", True), ("", True)],
)
def test_event_types_are_those_the_server_knows(version, has):
    """A server refuses a list with a type it does not know."""
    [events] = of_kind(ResourceKind.EVENTS_CONFIG, version=version)
    assert ("USER_SESSION_DELETED" in events.fields["enabledEventTypes"]) is has
    assert {"LOGIN", "REFRESH_TOKEN", "LOGOUT", "IMPERSONATE"} <= set(events.fields["enabledEventTypes"])


@pytest.mark.parametrize(
    ("stage", "enabled"),
    [
        (Stage.DRAFT, None),
        (Stage.STAGING, True),
        (Stage.LIVE, True),
        (Stage.SUSPENDED, False),
        (Stage.RETIRED, None),
    ],
)
def test_the_stage_decides_whether_a_provider_exists_and_is_enabled(stage, enabled):
    found = of_kind(ResourceKind.IDENTITY_PROVIDER, partner("acme", stage=stage))
    assert [r.fields["enabled"] for r in found] == ([] if enabled is None else [enabled])


def test_production_takes_no_partner_in_staging():
    realm = realm_spec(stages=(Stage.LIVE,))
    assert not of_kind(ResourceKind.IDENTITY_PROVIDER, partner("acme", stage=Stage.STAGING), realm=realm)


def test_an_orphaned_provider_of_a_cut_over_remains_closed():
    assert provider_of(partner("acme", provider_retired=True)).fields["enabled"] is False


def test_a_vault_reference_is_no_secret_and_can_be_compared():
    ref = SecretRef(source=SecretSource.VAULT, name="acme-secret")
    provider = provider_of(partner("acme", sign_in=oidc(client_secret=ref)))
    assert provider.fields["config.clientSecret"] == "${vault.acme-secret}"
    assert provider.secrets == ()


def test_domains_are_a_claim_filter_for_openid_connect_and_a_flow_for_the_others():
    fields = provider_of(partner("acme", domains=("acme.example",))).fields
    assert fields["config.filteredByClaim"] == "true"
    assert "postBrokerLoginFlowAlias" not in fields
    gated = partner("globex", sign_in=saml(), domains=("globex.example",))
    assert provider_of(gated).fields["postBrokerLoginFlowAlias"] == "partnergate-domains-globex"
    flow = next(r for r in of_kind(ResourceKind.FLOW, gated) if r.owner == "globex")
    last = dict(flow.fields["executions"][-1])
    assert last["authenticator"] == "allow-access-authenticator"


@pytest.mark.parametrize(
    ("address", "enters"),
    [
        ("a@acme.example", True),
        ("A@ACME.EXAMPLE", True),
        ("a@eu.acme.example", False),
        ("a@acmexexample", False),
        ("a@acme.example.evil.example", False),
        ("a@evil.example@acme.example", False),
        ("acme.example", False),
        ("", False),
    ],
)
def test_the_domain_pattern_lets_in_its_domain_alone(address, enters):
    assert (re.fullmatch(domain_pattern(("acme.example",)), address) is not None) is enters


def test_a_grant_matches_exact_values():
    grant = RoleGrant(when=(("groups", "admins"), ("org", "a")), grant="workspace-admin")
    name, fields = next(
        (n, f) for n, f in mappers_of(partner("acme", roles=(grant,))).items() if n.startswith("role-")
    )
    assert fields["config.claims"] == '[{"key":"groups","value":"admins"},{"key":"org","value":"a"}]'
    assert fields["config.are.claim.values.regex"] == "false"
    assert "groups=admins" in name


def test_a_grant_to_all_users_is_hard_coded():
    grants = (RoleGrant(when=(), grant="workspace-admin"), RoleGrant(when=(), group="/a/b"))
    kinds = {f["identityProviderMapper"] for n, f in mappers_of(partner("acme", roles=grants)).items()}
    assert {"oidc-hardcoded-role-idp-mapper", "oidc-hardcoded-group-idp-mapper"} <= kinds
