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
    state = state_of({"realm": "host", "identityProviders": [provider], "identityProviderMappers": mappers})
    ((found,), _) = import_providers(state, URL)
    assert found.document["identity"]["roles"] == [{"grant": "staff"}]
    assert [(one.name, one.reason) for one in found.not_imported] == [
        ("plugin", "partner files cannot express mappers of type plugin-idp-mapper")
    ]


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ({"alias": "google", "providerId": "google"}, "not a partner protocol"),
        ({"alias": "Old_One", "providerId": "oidc"}, "not a valid partner ID"),
        (
            {"alias": "acme-two", "providerId": "oidc", "config": {"partnergate.owner": "acme"}},
            "one of several providers of acme",
        ),
    ],
)
def test_a_provider_that_no_file_can_express_is_skipped(provider: dict[str, Any], reason: str) -> None:
    state = state_of({"realm": "host", "identityProviders": [provider]})
    found, left = import_providers(state, URL)
    assert found == []
    assert reason in left[0].reason


def test_a_secret_gets_a_name_that_the_language_accepts() -> None:
    """A variable of a CI system is refused, so the file of such a partner names a file instead."""
    found = imported(oidc_partner("github"), oidc_partner("globex"))
    assert found["github"]["sign_in"]["client_secret"] == {"file": "github_client_secret"}
    assert found["globex"]["sign_in"]["client_secret"] == {"env": "GLOBEX_CLIENT_SECRET"}
