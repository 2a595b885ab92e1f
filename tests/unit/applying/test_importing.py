"""A provider becomes the file that would make it; what no file says is told apart."""

from __future__ import annotations

from typing import Any

import pytest

from builders.partners import oauth2_partner, oidc_partner, saml_partner
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.applying.importing.providers import import_providers
from partnergate.realm.representation import state_of
from worlds.reconciling import Reconciler

URL = "http://fake.invalid/realms/host"


def imported(*specs: Any) -> dict[str, dict[str, Any]]:
    made = Reconciler(FakeKeycloak().connection("host"), host_realm("host", "http://fake.invalid"))
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


def test_saml_and_oauth2_say_what_is_their_own() -> None:
    found = imported(saml_partner("globex"), oauth2_partner("initech"))
    assert found["globex"]["sign_in"] == {
        "protocol": "saml",
        "entity_id": "https://idp.globex.example",
        "sso_url": "https://idp.globex.example/sso",
        "metadata": {"url": "https://idp.globex.example/metadata"},
    }
    assert found["initech"]["sign_in"]["client_secret"] == {"vault": "initech-secret"}
    assert found["initech"]["identity"]["subject"] == "id"


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ({"alias": "google", "providerId": "google"}, "no partner protocol"),
        ({"alias": "Old_One", "providerId": "oidc"}, "cannot be a partner id"),
        (
            {"alias": "acme-two", "providerId": "oidc", "config": {"partnergate.owner": "acme"}},
            "one of several providers of acme",
        ),
    ],
)
def test_what_no_file_can_say_is_left_alone(provider: dict[str, Any], reason: str) -> None:
    state = state_of({"realm": "host", "identityProviders": [provider]})
    found, left = import_providers(state, URL)
    assert found == []
    assert reason in left[0].reason
