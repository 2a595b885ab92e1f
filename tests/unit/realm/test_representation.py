"""Keycloak's JSON to resources and back, as a live 26.7.3 answers."""

from __future__ import annotations

import pytest

from builders.partners import oauth2, oidc, partner, saml
from builders.realms import desired
from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.normalize import SETTINGS
from partnergate.realm.representation import (
    client_scope_to,
    client_to,
    flow_to,
    group_to,
    mapper_to,
    organization_to,
    provider_to,
    role_to,
    state_of,
    user_profile_to,
)
from partnergate.realm.state import Resource, ResourceKey, ResourceKind

PROVIDER = {
    "alias": "acme",
    "displayName": "Acme",
    "internalId": "4ec60971-10b0-4a57-a69b-7209fc1e2266",
    "providerId": "oidc",
    "enabled": True,
    "trustEmail": False,
    "organizationId": "8d258ee8-d775-44ff-bdbe-b6b2c7c4598d",
    "types": ["USER_AUTHENTICATION"],
    "config": {
        "clientSecret": "**********",
        "partnergate.owner": "acme",
        "partnergate.secret": "v1:abc",
        "disableNonce": "false",
        "issuer": "https://x.example",
        "loginHint": "",
    },
}


def state(**whole):
    return state_of({"realm": "host", **whole})


def first(kind, **whole):
    return next(r for r in state(**whole).resources if r.key.kind is kind)


def test_defaults_of_the_server_and_empty_values_of_a_provider_are_dropped():
    provider = first(ResourceKind.IDENTITY_PROVIDER, identityProviders=[PROVIDER])
    assert provider.fields == {
        "config.issuer": "https://x.example",
        "displayName": "Acme",
        "enabled": True,
        "providerId": "oidc",
        "trustEmail": False,
    }
    assert provider.owner == "acme"
    assert [(s.name, s.fingerprint) for s in provider.secrets] == [("clientSecret", "v1:abc")]


def test_both_ways_of_reading_give_the_same_provider():
    """The export has no link to an organization."""
    exported = {name: value for name, value in PROVIDER.items() if name != "organizationId"}
    assert state(identityProviders=[PROVIDER]) == state(identityProviders=[exported])


def test_a_vault_reference_remains_readable():
    shown = {**PROVIDER, "config": {"clientSecret": "${vault.acme}"}}
    provider = first(ResourceKind.IDENTITY_PROVIDER, identityProviders=[shown])
    assert provider.fields["config.clientSecret"] == "${vault.acme}"
    assert provider.secrets == ()


def test_a_mapper_belongs_to_the_owner_of_its_provider():
    mapper = {
        "name": "m",
        "identityProviderAlias": "acme",
        "identityProviderMapper": "x",
        "config": {"a": ""},
    }
    found = state(identityProviders=[PROVIDER], identityProviderMappers=[mapper])
    [read] = [r for r in found.resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER]
    assert (read.owner, read.fields) == ("acme", {"identityProviderMapper": "x"})


def test_flows_beside_each_other_become_a_tree_in_order():
    flows = [
        {"alias": "browser", "topLevel": True, "builtIn": True, "authenticationExecutions": []},
        {
            "alias": "top",
            "topLevel": True,
            "builtIn": False,
            "providerId": "basic-flow",
            "description": "What it does (partnergate.owner=realm)",
            "authenticationExecutions": [
                {
                    "flowAlias": "inner",
                    "authenticatorFlow": True,
                    "requirement": "CONDITIONAL",
                    "priority": 20,
                },
                {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "priority": 10},
            ],
        },
        {
            "alias": "inner",
            "topLevel": False,
            "providerId": "basic-flow",
            "authenticationExecutions": [
                {"authenticator": "c", "authenticatorConfig": "k", "requirement": "REQUIRED", "priority": 0}
            ],
        },
    ]
    configs = [{"id": "1", "alias": "k", "config": {"x": "1", "empty": ""}}]
    [flow] = [
        r
        for r in state(authenticationFlows=flows, authenticatorConfig=configs).resources
        if r.key.kind is ResourceKind.FLOW
    ]
    assert flow.owner == "realm"
    assert flow.fields["description"] == "What it does"
    assert thaw(flow.fields["executions"]) == [
        {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"},
        {
            "flow": "inner",
            "requirement": "CONDITIONAL",
            "steps": [{"authenticator": "c", "requirement": "REQUIRED", "alias": "k", "config": {"x": "1"}}],
        },
    ]
    assert flow_to(flow)["description"] == "What it does (partnergate.owner=realm)"


def test_a_client_loses_defaults_and_shows_what_was_added():
    client = {
        "clientId": "app",
        "id": "1",
        "secret": "s",
        "notBefore": 0,
        "webOrigins": [],
        "redirectUris": ["b", "a"],
        "attributes": {"realm_client": "false", "partnergate.owner": "realm", "x": "y"},
        "authenticationFlowBindingOverrides": {"browser": "partnergate-browser"},
    }
    assert first(ResourceKind.CLIENT, clients=[client]) == Resource(
        key=ResourceKey(kind=ResourceKind.CLIENT, name="app"),
        fields={
            "attributes.x": "y",
            "authenticationFlowBindingOverrides.browser": "partnergate-browser",
            "redirectUris": ("a", "b"),
        },
        owner="realm",
    )


def test_a_client_sends_its_empty_lists():
    """The server fills in web origins where the list is absent."""
    client = next(r for r in desired().resources if r.key.kind is ResourceKind.CLIENT)
    assert client_to(client)["webOrigins"] == []


def test_a_manually_extended_role_differs():
    role = {
        "name": "workspace-admin",
        "attributes": {"partnergate.owner": ["realm"]},
        "composites": {"realm": ["b"], "client": {"realm-management": ["manage-users"]}},
    }
    found = first(ResourceKind.ROLE, roles={"realm": [role]})
    assert found.fields == {"composites": ("b", "realm-management/manage-users")}


def test_the_default_role_needs_no_mark():
    roles = {"realm": [{"name": "default-roles-host"}, {"name": "other"}]}
    found = state(roles=roles, defaultRole={"name": "default-roles-host"}).by_key()
    assert found[ResourceKey(kind=ResourceKind.ROLE, name="default-roles-host")].owner == "realm"
    assert found[ResourceKey(kind=ResourceKind.ROLE, name="other")].owner == ""


def test_groups_are_identified_by_path_and_show_manually_granted_roles():
    below = {"name": "b", "path": "/a/b", "clientRoles": {"realm-management": ["manage-realm"]}}
    group = {"name": "a", "path": "/a", "attributes": {"partnergate.owner": ["realm"]}, "subGroups": [below]}
    found = {r.key.name: r for r in state(groups=[group]).resources if r.key.kind is ResourceKind.GROUP}
    assert found["/a"].owner == "realm"
    assert found["/a/b"].fields == {"clientRoles": (("realm-management", ("manage-realm",)),)}
    assert group_to(found["/a/b"])["name"] == "b"


def test_scope_roles_come_from_the_mappings_beside():
    found = first(
        ResourceKind.CLIENT_SCOPE,
        clientScopes=[{"name": "s", "protocol": "openid-connect", "attributes": {}}],
        scopeMappings=[{"clientScope": "s", "roles": ["r"]}, {"client": "s", "roles": ["no"]}],
        clientScopeMappings={"realm-management": [{"clientScope": "s", "roles": ["manage-users"]}]},
    )
    assert found.fields["scopeRoles"] == ("r", "realm-management/manage-users")


def test_a_user_profile_keeps_attributes_of_the_host_and_drops_owned_ones_that_are_not_declared():
    before = {
        "attributes": [
            {"name": "email", "permissions": {"edit": ["user"]}},
            {"name": "old", "annotations": {"partnergate.owner": "realm"}},
            {"name": "locale"},
        ],
        "groups": [{"name": "g"}],
        "unmanagedAttributePolicy": "ENABLED",
    }
    wanted = next(r for r in desired().resources if r.key.kind is ResourceKind.USER_PROFILE)
    after = user_profile_to(wanted, before)
    names = [attribute["name"] for attribute in after["attributes"]]
    assert names == ["email", "locale", "firstName", "lastName", "partner_id", "username"]
    assert after["groups"] == [{"name": "g"}]
    assert "unmanagedAttributePolicy" not in after
    assert after["attributes"][0]["validations"] == {"email": {}, "length": {"max": 255}}


def test_a_written_representation_reads_back_as_desired():
    """The law that a plan after an apply is empty, for every kind that is written whole."""
    wanted = desired(
        partner("acme", sign_in=oidc("acme"), domains=("acme.example",), attributes=(("d", "e"),)),
        partner("globex", sign_in=saml("globex"), domains=("globex.example",)),
        partner("initech", sign_in=oauth2("initech")),
    )
    by_kind = {kind: [r for r in wanted.resources if r.key.kind is kind] for kind in ResourceKind}
    providers = [provider_to(r) for r in by_kind[ResourceKind.IDENTITY_PROVIDER]]
    for provider, resource in zip(providers, by_kind[ResourceKind.IDENTITY_PROVIDER], strict=True):
        for secret in resource.secrets:
            provider["config"][secret.name] = "**********"
    read = state(
        identityProviders=providers,
        identityProviderMappers=[mapper_to(r) for r in by_kind[ResourceKind.IDENTITY_PROVIDER_MAPPER]],
        organizations=[
            organization_to(r) | {"identityProviders": list(r.fields["identityProviders"])}
            for r in by_kind[ResourceKind.ORGANIZATION]
        ],
        clients=[client_to(r) for r in by_kind[ResourceKind.CLIENT]],
        clientScopes=[client_scope_to(r) for r in by_kind[ResourceKind.CLIENT_SCOPE]],
        scopeMappings=[{"clientScope": "partnergate-roles", "roles": ["workspace-admin"]}],
        roles={"realm": [role_to(r) for r in by_kind[ResourceKind.ROLE]]},
    ).by_key()
    written = [r for r in wanted.resources if r.key.kind not in {*SETTINGS, ResourceKind.FLOW}]
    assert {r.key: (read[r.key].fields, read[r.key].owner) for r in written} == {
        r.key: (r.fields, r.owner) for r in written
    }


@pytest.mark.parametrize(
    "value", [None, "", "x", 3, True, [], ["a", "b"], {"a": {"b": [1]}}, [["b", 1], ["a", 2]], [{"a": 1}]]
)
def test_json_freezes_and_thaws_without_loss(value):
    assert thaw(freeze(value)) == value


def test_invalid_json_is_refused():
    with pytest.raises(TypeError, match="set"):
        freeze({1})
