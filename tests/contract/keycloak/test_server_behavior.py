"""What the product relies on in the server, held against the real one so that the fake cannot lie."""

from __future__ import annotations

from typing import Any

import pytest

from partnergate.errors import (
    KeycloakConflictError,
    KeycloakNotFoundError,
    KeycloakRefusedError,
    KeycloakServerError,
)

PROVIDERS = "identity-provider/instances"
CONFIG = {
    "clientId": "c",
    "clientSecret": "hush",
    "tokenUrl": "https://a.example/t",
    "authorizationUrl": "https://a.example/a",
}


def provider(alias: str = "acme", **over: Any) -> dict[str, Any]:
    return {"alias": alias, "providerId": "oidc", "config": dict(CONFIG)} | over


def mapper(name: str = "m") -> dict[str, Any]:
    return {
        "name": name,
        "identityProviderAlias": "acme",
        "identityProviderMapper": "hardcoded-attribute-idp-mapper",
        "config": {"attribute": "a", "attribute.value": "v"},
    }


def test_the_list_of_providers_stops_at_a_hundred_without_max(made: Any) -> None:
    for number in range(101):
        made.post(PROVIDERS, provider(f"p{number:03}"))
    assert len(made.get(PROVIDERS)) == 100
    assert len(made.get(PROVIDERS, first=0, max=500)) == 101
    assert [p["alias"] for p in made.get(PROVIDERS, first=100, max=500)] == ["p100"]


def test_a_secret_reads_back_masked(made: Any) -> None:
    made.post(PROVIDERS, provider())
    assert made.get(f"{PROVIDERS}/acme")["config"]["clientSecret"] == "**********"


def test_a_vault_reference_reads_back_as_it_is(made: Any) -> None:
    made.post(PROVIDERS, provider(config=CONFIG | {"clientSecret": "${vault.acme}"}))
    assert made.get(f"{PROVIDERS}/acme")["config"]["clientSecret"] == "${vault.acme}"


def test_put_replaces_everything_and_forgets_empty_values(made: Any) -> None:
    made.post(PROVIDERS, provider(displayName="Acme", config=CONFIG | {"issuer": "https://a.example"}))
    made.put(f"{PROVIDERS}/acme", provider(config=CONFIG | {"prompt": ""}))
    now = made.get(f"{PROVIDERS}/acme")
    assert not now.get("displayName")
    assert "issuer" not in now["config"]
    assert "prompt" not in now["config"]


def test_put_without_the_secret_wipes_it_and_with_the_mask_keeps_it(made: Any) -> None:
    made.post(PROVIDERS, provider())
    made.put(f"{PROVIDERS}/acme", provider(config=CONFIG | {"clientSecret": "**********"}))
    assert "clientSecret" in made.get(f"{PROVIDERS}/acme")["config"]
    made.put(f"{PROVIDERS}/acme", provider(config={k: v for k, v in CONFIG.items() if k != "clientSecret"}))
    assert "clientSecret" not in made.get(f"{PROVIDERS}/acme")["config"]


def test_an_alias_in_use_is_a_conflict(made: Any) -> None:
    made.post(PROVIDERS, provider())
    with pytest.raises(KeycloakConflictError):
        made.post(PROVIDERS, provider())


def test_a_mapper_name_in_use_is_refused(made: Any) -> None:
    made.post(PROVIDERS, provider())
    made.post(f"{PROVIDERS}/acme/mappers", mapper())
    with pytest.raises(KeycloakRefusedError):
        made.post(f"{PROVIDERS}/acme/mappers", mapper())


def test_an_unknown_flow_is_a_failure_of_the_server(made: Any) -> None:
    with pytest.raises(KeycloakServerError):
        made.post(PROVIDERS, provider(firstBrokerLoginFlowAlias="nowhere"))


def test_a_provider_keeps_its_organization_through_a_put(made: Any) -> None:
    made.post(PROVIDERS, provider())
    identity = made.post("organizations", {"name": "Acme", "alias": "acme", "domains": []})
    made.post(f"organizations/{identity}/identity-providers", "acme")
    made.put(f"{PROVIDERS}/acme", provider())
    assert [p["alias"] for p in made.get(f"organizations/{identity}/identity-providers")] == ["acme"]
    assert made.get(PROVIDERS, first=0, max=10)[0]["organizationId"] == identity
    exported = made.post_for_json("partial-export", exportClients=True, exportGroupsAndRoles=True)
    assert "organizationId" not in exported["identityProviders"][0]


def test_a_role_name_is_unique_and_an_id_is_deleted_once(made: Any) -> None:
    made.post("roles", {"name": "one", "attributes": {"a": ["b"]}})
    with pytest.raises(KeycloakConflictError):
        made.post("roles", {"name": "one"})
    identity = made.get("roles/one")["id"]
    made.delete(f"roles-by-id/{identity}")
    with pytest.raises(KeycloakNotFoundError):
        made.delete(f"roles-by-id/{identity}")
    with pytest.raises(KeycloakNotFoundError):
        made.put(f"roles-by-id/{identity}", {"name": "one"})


def test_a_put_of_the_realm_does_not_change_fields_that_it_omits(made: Any) -> None:
    made.put("", {"duplicateEmailsAllowed": True})
    made.put("", {"eventsEnabled": True})
    now = made.get("")
    assert now["duplicateEmailsAllowed"] is True
    assert now["loginWithEmailAllowed"] is False
    assert now["organizationsEnabled"] is True


def test_a_client_drops_an_attribute_only_when_it_is_sent_empty(made: Any) -> None:
    identity = made.post(
        "clients", {"clientId": "c", "publicClient": True, "attributes": {"x": "1", "y": "2"}}
    )
    made.put(f"clients/{identity}", {"clientId": "c", "attributes": {"y": ""}})
    attributes = next(c for c in made.get("clients", clientId="c") if c["clientId"] == "c")["attributes"]
    assert attributes.get("x") == "1"
    assert "y" not in attributes


def test_a_client_keeps_its_scopes_through_a_put(made: Any) -> None:
    identity = made.post("clients", {"clientId": "c", "publicClient": True, "defaultClientScopes": ["basic"]})
    made.put(f"clients/{identity}", {"clientId": "c", "defaultClientScopes": ["basic", "email"]})
    assert [s["name"] for s in made.get(f"clients/{identity}/default-client-scopes")] == ["basic"]


def test_a_flow_that_a_client_uses_cannot_be_deleted(made: Any) -> None:
    flow = made.post(
        "authentication/flows", {"alias": "f", "providerId": "basic-flow", "topLevel": True, "builtIn": False}
    )
    made.post("clients", {"clientId": "c", "authenticationFlowBindingOverrides": {"browser": flow}})
    with pytest.raises(KeycloakServerError):
        made.delete(f"authentication/flows/{flow}")


def test_a_new_step_of_a_flow_is_off_and_comes_last(made: Any) -> None:
    made.post(
        "authentication/flows", {"alias": "f", "providerId": "basic-flow", "topLevel": True, "builtIn": False}
    )
    for name in ("auth-cookie", "identity-provider-redirector"):
        made.post("authentication/flows/f/executions/execution", {"provider": name})
    steps = made.get("authentication/flows/f/executions")
    assert [(s["providerId"], s["requirement"]) for s in steps] == [
        ("auth-cookie", "DISABLED"),
        ("identity-provider-redirector", "DISABLED"),
    ]
    assert steps[0]["priority"] < steps[1]["priority"]


def test_a_missing_realm_is_not_found(connection: Any) -> None:
    with pytest.raises(KeycloakNotFoundError):
        connection.get("")


def test_a_realm_is_made_once(made: Any) -> None:
    with pytest.raises(KeycloakConflictError):
        made.post("/admin/realms", {"realm": made.realm})
