"""What planning relies on and only the real server can confirm."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from builders.partners import partner
from builders.realms import desired, realm_spec
from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.realm.desired.events_config import event_types
from partnergate.realm.representation import organization_to, provider_to
from partnergate.realm.state import ResourceKind

pytestmark = pytest.mark.integration
INSTANCES = "identity-provider/instances"


@pytest.fixture(scope="module")
def realm(keycloak):
    """A realm with one partner's provider, linked to its organization."""
    name = f"planning-facts-{os.getpid()}"
    who = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
    connection = connect(server_url=keycloak.base_url, realm=name, credentials=who)
    with suppress(KeycloakNotFoundError):
        connection.delete("")
    connection.post("/admin/realms", {"realm": name, "enabled": True, "organizationsEnabled": True})
    connection.post(INSTANCES, representation())
    organization = next(r for r in desired(partner()).resources if r.key.kind is ResourceKind.ORGANIZATION)
    identity = connection.post("organizations", organization_to(organization))
    connection.post(f"organizations/{identity}/identity-providers", "acme")
    yield connection
    connection.delete("")
    connection.close()


def representation(**changes):
    provider = next(r for r in desired(partner()).resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER)
    shown = provider_to(provider) | changes
    shown.pop("firstBrokerLoginFlowAlias")
    shown["config"]["clientSecret"] = "kept-by-the-server"
    return shown


def test_the_marks_of_a_provider_do_not_change(realm):
    config = realm.get(f"{INSTANCES}/acme")["config"]
    assert config["partnergate.owner"] == "acme"
    assert config["partnergate.secret"].startswith("v1:")
    assert config["clientSecret"] == "**********"


def test_a_changed_protocol_is_ignored_in_silence(realm):
    """Hence a changed protocol is planned as a replace."""
    other = {
        "userInfoUrl": "https://x.example/u",
        "userIDClaim": "s",
        "userNameClaim": "s",
        "emailClaim": "e",
    }
    body = representation(providerId="oauth2")
    body["config"] |= other
    realm.put(f"{INSTANCES}/acme", body)
    assert realm.get(f"{INSTANCES}/acme")["providerId"] == "oidc"
    realm.put(f"{INSTANCES}/acme", representation())


def test_writing_a_provider_keeps_its_link_to_the_organization(realm):
    """Hence the link is the organization's business alone."""
    before = realm.get(f"{INSTANCES}/acme")["organizationId"]
    realm.put(f"{INSTANCES}/acme", representation())
    assert realm.get(f"{INSTANCES}/acme")["organizationId"] == before


def test_the_type_of_a_mapper_can_change(realm):
    """Hence that is an update, and no replace."""
    mappers = f"{INSTANCES}/acme/mappers"
    body = {"name": "m", "identityProviderAlias": "acme", "config": {"syncMode": "FORCE"}}
    identity = realm.post(mappers, body | {"identityProviderMapper": "oidc-username-idp-mapper"})
    changed = {"id": identity, "identityProviderMapper": "hardcoded-attribute-idp-mapper"}
    realm.put(f"{mappers}/{identity}", body | changed)
    assert realm.get(f"{mappers}/{identity}")["identityProviderMapper"] == "hardcoded-attribute-idp-mapper"


def test_the_server_knows_every_event_type_for_its_version(realm):
    version = realm.get("/admin/serverinfo")["systemInfo"]["version"]
    wanted = event_types(realm_spec(), server_version=version)
    realm.put("events/config", realm.get("events/config") | {"enabledEventTypes": list(wanted)})
    assert sorted(realm.get("events/config")["enabledEventTypes"]) == sorted(wanted)


def test_the_default_role_can_hold_nothing(realm):
    """Hence a partner's user cannot link another partner's account."""
    role = realm.get(f"roles/{realm.get('')['defaultRole']['name']}")
    path = f"roles-by-id/{role['id']}/composites"
    realm.delete(path, realm.get(path))
    assert realm.get(path) == []
