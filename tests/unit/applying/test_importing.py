"""A provider is imported as a partner file; what no file can express is listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from builders.partners import oauth2_partner, oidc_partner, saml_partner
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.applying.importing.provider_import import import_providers
from partnergate.realm.representation import state_of
from worlds.reconciling import Reconciler

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://fake.invalid/realms/host"
UNKNOWN = "partner files cannot express mappers of type plugin-idp-mapper"


def imported(*specs: Any) -> dict[str, dict[str, Any]]:
    made = Reconciler(
        FakeKeycloak().connection("host"), host_realm("host", "http://fake.invalid"), clock=lambda: NOW
    )
    made.converge(specs)
    found, left = import_providers(made.reader.read_state(), URL)
    assert left == []
    return {one.partner: one.document for one in found}


def test_only_what_differs_from_the_defaults_is_written() -> None:
    assert imported(oidc_partner("acme", grants=0))["acme"]["sign_in"] == {
        "protocol": "oidc",
        "issuer": "https://login.acme.example",
        "authorization_url": "https://login.acme.example/authorize",
        "token_url": "https://login.acme.example/token",
        "jwks_url": "https://login.acme.example/jwks",
        "client_id": "host-app",
        "client_secret": {"env": "ACME_CLIENT_SECRET"},
    }


def test_identity_comes_from_the_mappers_and_the_organization() -> None:
    assert imported(oidc_partner("acme", domains=("a.example",)))["acme"]["identity"] == {
        "subject": "sub",
        "email": "email",
        "first_name": "given_name",
        "email_domains": ["a.example"],
        "attributes": {"department": "dept"},
        "roles": [{"when": {"groups": "admins-0"}, "grant": "workspace-admin"}],
    }


def test_saml_and_oauth2_have_their_own_keys() -> None:
    found = imported(saml_partner("globex"), oauth2_partner("initech"))
    assert found["globex"]["sign_in"] == {
        "protocol": "saml",
        "entity_id": "https://idp.globex.example",
        "sso_url": "https://idp.globex.example/sso",
        "metadata": {"url": "https://idp.globex.example/metadata"},
    }
    assert found["initech"]["sign_in"]["client_secret"] == {"vault": "initech-client-secret"}
    assert found["initech"]["identity"]["subject"] == "id"


def test_a_mapper_that_no_file_can_express_is_listed_with_the_reason() -> None:
    provider = {"alias": "acme", "providerId": "oidc", "config": {"issuer": "https://login.acme.example"}}
    mappers = [
        {
            "identityProviderAlias": "acme",
            "identityProviderMapper": kind,
            "name": name,
            "config": {"claim": "g", "claim.value": "a", "role": "staff"},
        }
        for name, kind in (("plugin", "plugin-idp-mapper"), ("role", "oidc-hardcoded-role-idp-mapper"))
    ]
    state = state_of(
        {
            "realm": "host",
            "identityProviders": [provider],
            "identityProviderMappers": mappers,
            "roles": {"realm": [{"name": "staff"}]},
        }
    )
    ((found,), _) = import_providers(state, URL)
    assert found.document["identity"]["roles"] == [{"grant": "staff"}]
    assert [(one.name, one.reason) for one in found.not_imported] == [
        ("plugin", f"{UNKNOWN}: claim = g, claim.value = a, role = staff")
    ]


def test_a_grant_of_a_composite_role_or_of_a_group_with_roles_is_not_imported() -> None:
    """Declaring it would take from every user of the realm what it includes."""
    provider = {"alias": "acme", "providerId": "oidc", "config": {"issuer": "https://login.acme.example"}}
    granted = [("role", "chief"), ("role", "tagged"), ("role", "plain"), ("role", "ours")]
    granted += [("group", "/Staff/Night"), ("group", "/Apps"), ("group", "/Plain")]
    mappers = [
        {
            "identityProviderAlias": "acme",
            "identityProviderMapper": f"oidc-hardcoded-{key}-idp-mapper",
            "name": name,
            "config": {key: name},
        }
        for key, name in granted
    ]
    marked = {"partnergate.owner": ["realm"]}
    roles = [
        {"name": "chief", "composites": {"realm": ["plain"]}},
        {"name": "tagged", "attributes": {"cost": ["7"]}},
        {"name": "plain"},
        {"name": "ours", "composites": {"realm": ["plain"]}, "attributes": marked},
    ]
    groups = [
        {"path": "/Staff", "realmRoles": ["plain"], "subGroups": [{"path": "/Staff/Night"}]},
        {"path": "/Apps", "clientRoles": {"app": ["edit"]}},
        {"path": "/Plain"},
    ]
    state = state_of(
        {
            "realm": "host",
            "identityProviders": [provider],
            "identityProviderMappers": mappers,
            "roles": {"realm": roles},
            "groups": groups,
        }
    )
    ((found,), _) = import_providers(state, URL)
    grants = found.document["identity"]["roles"]
    assert sorted(next(iter(grant.values())) for grant in grants) == ["/Plain", "ours", "plain"]
    assert {one.name: one.reason for one in found.not_imported} == {
        "chief": "it grants the role chief, which includes plain; files declare only simple roles",
        "tagged": "it grants the role tagged, which includes the attribute cost; files declare only simple roles",
        "/Staff/Night": "it grants the group /Staff/Night, and /Staff has the role plain; "
        "files declare only empty groups",
        "/Apps": "it grants the group /Apps, and /Apps has the role app/edit; files declare only empty groups",
    }


OWNED = {"providerId": "oidc", "config": {"partnergate.owner": "acme"}}


@pytest.mark.parametrize(
    ("providers", "reason"),
    [
        ([{"alias": "google", "providerId": "google"}], "not a partner protocol"),
        ([{"alias": "old one", "providerId": "oidc"}], "characters that no partner file can have"),
        ([{"alias": "linker", "providerId": "oidc", "linkOnly": True}], "only links accounts"),
        (
            [{"alias": "acme-one"} | OWNED, {"alias": "acme-two"} | OWNED],
            "one of several providers of acme",
        ),
        (
            [
                {
                    "alias": "friendly",
                    "providerId": "saml",
                    "config": {"principalType": "FRIENDLY_ATTRIBUTE", "principalAttribute": "uid"},
                }
            ],
            "identified by the SAML attribute with the FriendlyName uid",
        ),
    ],
)
def test_a_provider_that_no_file_can_express_is_skipped(providers: list[dict[str, Any]], reason: str) -> None:
    state = state_of({"realm": "host", "identityProviders": providers})
    found, left = import_providers(state, URL)
    assert found == []
    assert all(reason in one.reason for one in left)


def document(kind: str = "oidc", alias: str = "acme", **config: str) -> Any:
    provider = {"alias": alias, "providerId": kind, "config": config}
    ((found,), _) = import_providers(state_of({"realm": "host", "identityProviders": [provider]}), URL)
    return found


def adjusted(found: Any) -> dict[str, tuple[str, str]]:
    return {one.key: (one.found, one.written) for one in found.adjustments}


@pytest.mark.parametrize(
    ("aliases", "partners"),
    [
        (["Old_One"], {"Old_One": "old-one"}),
        (["acme.sso", "acme-sso"], {"acme-sso": "acme-sso", "acme.sso": "acme-sso-2"}),
        (["X", "realm"], {"X": "partner-x", "realm": "partner-realm"}),
        (["_" * 80], {"_" * 80: "partner"}),
        (["a" * 80], {"a" * 80: "a" * 58}),
    ],
)
def test_an_alias_that_is_no_partner_id_stays_as_the_alias(
    aliases: list[str], partners: dict[str, str]
) -> None:
    providers = [{"alias": alias, "providerId": "oidc"} for alias in aliases]
    found, left = import_providers(state_of({"realm": "host", "identityProviders": providers}), URL)
    assert left == []
    assert {one.alias: one.partner for one in found} == partners
    assert {one.document.get("alias", one.partner) for one in found} == set(aliases)


def test_two_providers_with_one_display_name_get_distinct_names() -> None:
    providers = [
        {"alias": alias, "providerId": "oidc", "displayName": name}
        for alias, name in (("one", "Corp"), ("two", "corp"))
    ]
    found, _ = import_providers(state_of({"realm": "host", "identityProviders": providers}), URL)
    assert [one.document["name"] for one in found] == ["Corp (one)", "corp (two)"]


def test_the_provider_of_a_partner_under_another_alias_keeps_its_partner() -> None:
    provider = {"alias": "acme-two"} | OWNED
    ((found,), _) = import_providers(state_of({"realm": "host", "identityProviders": [provider]}), URL)
    assert (found.document["partner"], found.document["alias"]) == ("acme", "acme-two")


@pytest.mark.parametrize(
    ("config", "found", "written"),
    [
        ({}, "no PKCE", "S256"),
        ({"pkceEnabled": "false", "pkceMethod": "S256"}, "no PKCE", "S256"),
        ({"pkceEnabled": "true", "pkceMethod": "plain"}, "plain", "S256"),
        ({"pkceEnabled": "true"}, "PKCE without a method", "S256"),
    ],
)
def test_a_provider_without_pkce_is_imported_with_it(
    config: dict[str, str], found: str, written: str
) -> None:
    imported_one = document(**config)
    assert "pkce" not in imported_one.document["sign_in"]
    assert adjusted(imported_one)["sign_in.pkce"] == (found, written)


@pytest.mark.parametrize(
    ("text", "seconds", "is_adjusted"),
    [
        ("", None, False), ("0", None, False), ("60", 60, False), ("61", 60, True), ("300", 60, True),
        ("-5", None, True), ("abc", None, True), ("1e3", None, True), ("9" * 400, None, True),
        ("\u0661", 1, False), ("0x10", None, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["oidc", "saml"])
def test_the_clock_skew_is_at_most_a_minute_whatever_the_server_stored(
    kind: str, text: str, seconds: int | None, is_adjusted: bool
) -> None:
    found = document(kind, allowedClockSkew=text)
    assert found.document["sign_in"].get("clock_skew_seconds") == seconds
    assert ("sign_in.clock_skew_seconds" in adjusted(found)) is is_adjusted


@pytest.mark.parametrize(
    ("config", "issuer"),
    [
        ({"metadataDescriptorUrl": "https://a.example/t/.well-known/openid-configuration"}, "https://a.example/t"),
        ({"authorizationUrl": "https://kc.example/realms/x/protocol/openid-connect/auth"}, "https://kc.example/realms/x"),
        ({"authorizationUrl": "https://a.okta.com/oauth2/v1/authorize"}, "https://a.okta.com"),
        ({"authorizationUrl": "https://a.okta.com/oauth2/default/v1/authorize"}, "https://a.okta.com/oauth2/default"),
        ({"authorizationUrl": "https://a.auth0.com/authorize"}, "https://a.auth0.com/"),
        (
            {"authorizationUrl": f"https://login.microsoftonline.com/{'0' * 36}/oauth2/v2.0/authorize"},
            f"https://login.microsoftonline.com/{'0' * 36}/v2.0",
        ),
        ({"authorizationUrl": "https://login.corp.example/x"}, "https://login.corp.example"),
        ({"authorizationUrl": "http://login.corp.example/x"}, "https://login.corp.example"),
    ],
)  # fmt: skip
def test_a_missing_issuer_is_derived_and_listed(config: dict[str, str], issuer: str) -> None:
    found = document(**config)
    assert found.document["sign_in"]["issuer"] == issuer
    assert adjusted(found)["sign_in.issuer"] == ("", issuer)


def test_the_defaults_of_the_server_are_written_where_a_file_has_others() -> None:
    found = document(userInfoUrl="https://login.acme.example/userinfo").document["sign_in"]
    assert found["client_authentication"] == "client_secret_post"
    assert found["scopes"] == ["openid"]
    assert found["use_userinfo"] is True


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("http://login.acme.example/t", "https://login.acme.example/t"),
        ("HTTP://login.acme.example/t", "https://login.acme.example/t"),
        ("http://localhost.acme.example/t", "https://localhost.acme.example/t"),
        ("http://localhost:8080/t", "http://localhost:8080/t"),
        ("http://127.0.0.1/t", "http://127.0.0.1/t"),
        ("https://login.acme.example/t", "https://login.acme.example/t"),
    ],
)
def test_an_address_without_tls_becomes_https_and_is_listed(address: str, written: str) -> None:
    found = document(tokenUrl=address)
    assert found.document["sign_in"]["token_url"] == written
    assert ("sign_in.token_url" in adjusted(found)) is (written != address)


def test_a_lost_gate_is_listed_with_its_value() -> None:
    found = document(filteredByClaim="true", claimFilterName="groups", claimFilterValue="staff")
    assert adjusted(found)["identity.email_domains"] == ("only users with groups matching staff", "")
    provider = {"alias": "acme", "providerId": "saml", "postBrokerLoginFlowAlias": "only staff"}
    ((other,), _) = import_providers(state_of({"realm": "host", "identityProviders": [provider]}), URL)
    assert ("the flow only staff after login", "") in [(one.found, one.written) for one in other.adjustments]


def test_the_domains_of_an_organization_made_by_hand_become_no_gate() -> None:
    provider = {"alias": "acme", "providerId": "oidc", "config": {}}
    organization = {
        "alias": "acme-ltd", "name": "Acme", "domains": [{"name": "acme.example"}], "identityProviders": ["acme"],
    }  # fmt: skip
    state = state_of({"realm": "host", "identityProviders": [provider], "organizations": [organization]})
    ((found,), _) = import_providers(state, URL)
    assert "email_domains" not in found.document["identity"]
    assert adjusted(found)["identity.email_domains"] == ("acme.example", "")


@pytest.mark.parametrize(
    ("reference", "secret"),
    [
        ("${vault.acme-client-secret}", {"vault": "acme-client-secret"}),
        ("${vault.Acme_Secret}", {"vault": "acme-client-secret"}),
        ("", {"env": "ACME_CLIENT_SECRET"}),
    ],
)
def test_a_secret_under_a_name_that_no_file_can_have_is_listed(
    reference: str, secret: dict[str, str]
) -> None:
    found = document(clientSecret=reference)
    assert found.document["sign_in"]["client_secret"] == secret
    assert ("sign_in.client_secret" in adjusted(found)) is (reference != "${vault.acme-client-secret}")


GRANTS = [
    ("simple", "oidc-role-idp-mapper", {"claim": "roles", "claim.value": "bosses", "role": "manager"}),
    ("client role", "oidc-hardcoded-role-idp-mapper", {"role": "app.shop.editor"}),
    ("missing role", "oidc-hardcoded-role-idp-mapper", {"role": "gone"}),
    (
        "missing group",
        "oidc-advanced-group-idp-mapper",
        {"claims": '[{"key":"g","value":"a"}]', "group": "/Gone"},
    ),
]


def test_a_grant_of_a_client_role_or_of_a_missing_role_or_group_is_not_imported() -> None:
    """A file with it would create a realm role or a group of that name, and grant that."""
    provider = {"alias": "acme", "providerId": "oidc", "config": {"issuer": "https://login.acme.example"}}
    mappers = [
        {
            "identityProviderAlias": "acme",
            "identityProviderMapper": kind,
            "name": name,
            "config": config,
        }
        for name, kind, config in GRANTS
    ]
    state = state_of(
        {
            "realm": "host",
            "identityProviders": [provider],
            "identityProviderMappers": mappers,
            "clients": [{"clientId": "app.shop"}],
            "roles": {"realm": [{"name": "manager"}, {"name": "app.shop.editor"}]},
        }
    )
    ((found,), _) = import_providers(state, URL)
    assert found.document["identity"]["roles"] == [{"when": {"roles": "bosses"}, "grant": "manager"}]
    assert {one.name: one.reason for one in found.not_imported} == {
        "client role": "it grants the role editor of the client app.shop",
        "missing role": "it grants the role gone, which the realm does not have",
        "missing group": "it grants the group /Gone, which the realm does not have, to users with g = a",
    }


def test_a_secret_gets_a_name_that_the_language_accepts() -> None:
    """A variable of a CI system is refused, so the file of such a partner names a file instead."""
    found = imported(oidc_partner("github"), oidc_partner("globex"))
    assert found["github"]["sign_in"]["client_secret"] == {"file": "github_client_secret"}
    assert found["globex"]["sign_in"]["client_secret"] == {"env": "GLOBEX_CLIENT_SECRET"}
