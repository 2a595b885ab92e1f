"""Mistakes that Keycloak accepts silently and partnergate rejects.

For each row of the table in docs/language.md, the server responds with 201 to the mistake, and ``validate``
reports the documented code for the same mistake in a partner file.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from partnergate.errors import KeycloakError, KeycloakNotFoundError
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.keycloak.connection import KeycloakConnection

pytestmark = pytest.mark.integration
REPOSITORY = Path(__file__).parents[3]
WORKSPACE = REPOSITORY / "tests/fixtures/diagnostics/workspace"
TODAY = date(2026, 11, 24)
INSTANCES = "identity-provider/instances"
OIDC = {
    "clientId": "host-app",
    "clientSecret": "${vault.acme-client-secret}",
    "clientAuthMethod": "client_secret_basic",
    "issuer": "https://login.acme.example/",
    "authorizationUrl": "https://login.acme.example/authorize",
    "tokenUrl": "https://login.acme.example/oauth/token",
    "jwksUrl": "https://login.acme.example/jwks.json",
    "useJwksUrl": "true",
    "validateSignature": "true",
    "syncMode": "FORCE",
}
SAML = {
    "entityId": "host",
    "idpEntityId": "https://idp.acme.example/",
    "singleSignOnServiceUrl": "https://idp.acme.example/sso",
    "validateSignature": "true",
    "syncMode": "FORCE",
}
SIGN_IN = {
    "protocol": "oidc",
    "issuer": "https://login.acme.example/",
    "authorization_url": "https://login.acme.example/authorize",
    "token_url": "https://login.acme.example/oauth/token",
    "jwks_url": "https://login.acme.example/jwks.json",
    "client_id": "host-app",
    "client_secret": "{vault: acme-client-secret}",
}
SAML_SIGN_IN = {
    "protocol": "saml",
    "entity_id": "https://idp.acme.example/",
    "sso_url": "https://idp.acme.example/sso",
    "metadata": "{url: https://idp.acme.example/metadata}",
}


class Mistake(NamedTuple):
    """The same mistake as a server request and as a partner file."""

    code: str
    sent: dict[str, Any]
    """Merged over the provider configuration; None removes a key."""
    written: dict[str, str | None]
    """Merged over ``sign_in``."""
    mapper: dict[str, Any] | None = None
    identity: str = "subject: sub"
    saml: bool = False


def _mapper(kind: str, **config: str) -> dict[str, Any]:
    return {
        "name": "m",
        "identityProviderAlias": "acme",
        "identityProviderMapper": kind,
        "config": {"syncMode": "FORCE", **config},
    }


NOTHING: dict[str, Any] = {}
MISTAKES = {
    "missing_client_id": Mistake("PG013", {"clientId": None}, {"client_id": None}),
    "missing_issuer": Mistake("PG013", {"issuer": None}, {"issuer": None}),
    "missing_client_secret": Mistake("PG132", {"clientSecret": None}, {"client_secret": None}),
    "missing_entity_id": Mistake("PG013", {"idpEntityId": None}, {"entity_id": None}, saml=True),
    "missing_token_endpoint": Mistake("PG013", {"tokenUrl": None}, {"token_url": None}),
    "bad_client_authentication": Mistake(
        "PG015", {"clientAuthMethod": "client_secret_basik"}, {"client_authentication": "client_secret_basik"}
    ),
    "bad_sync_mode": Mistake("PG108", {"syncMode": "ALWAYS"}, {"sync_mode": "ALWAYS"}),
    "unknown_config_key": Mistake("PG012", {"pkceEnabledd": "true"}, {"pkce_enabledd": "true"}),
    "unknown_mapper_type": Mistake(
        "PG012", NOTHING, NOTHING, _mapper("no-such-idp-mapper"), "{subject: sub, no_such_mapper: x}"
    ),
    "unknown_mapper_key": Mistake(
        "PG012",
        NOTHING,
        NOTHING,
        _mapper("oidc-user-attribute-idp-mapper", claimm="email", **{"user.attribute": "mail"}),
        "{subject: sub, emial: email}",
    ),
    "group_that_does_not_exist": Mistake(
        "PG128",
        NOTHING,
        NOTHING,
        _mapper("oidc-hardcoded-group-idp-mapper", group="/no-such-group"),
        "{subject: sub, roles: [{when: {groups: a}, group: /no-such-group}]}",
    ),
    "role_that_does_not_exist": Mistake(
        "PG127",
        NOTHING,
        NOTHING,
        _mapper("oidc-hardcoded-role-idp-mapper", role="no-such-role"),
        "{subject: sub, roles: [{when: {groups: a}, grant: no-such-role}]}",
    ),
    "key_of_another_protocol": Mistake(
        "PG034",
        {"singleSignOnServiceUrl": "https://idp.acme.example/sso"},
        {"sso_url": "https://idp.acme.example/sso"},
    ),
    "saml_mapper_on_oidc": Mistake(
        "PG137",
        NOTHING,
        NOTHING,
        _mapper("saml-user-attribute-idp-mapper", **{"attribute.name": "mail", "user.attribute": "mail"}),
        "subject: name_id",
    ),
    "empty_value": Mistake("PG022", {"defaultScope": ""}, {"prompt": '""'}),
    "no_certificate": Mistake(
        "PG115",
        {"signingCertificate": "bm90IGEgY2VydGlmaWNhdGU="},
        {"certificates": "[bm90IGEgY2VydGlmaWNhdGU=]"},
        saml=True,
    ),
    "issuer_with_a_comma": Mistake(
        "PG131",
        {"issuer": "https://login.acme.example/,https://evil.example/"},
        {"issuer": '"https://login.acme.example/,https://evil.example/"'},
    ),
    "plain_http": Mistake(
        "PG118",
        {"tokenUrl": "http://login.acme.example/oauth/token"},
        {"token_url": "http://login.acme.example/oauth/token"},
    ),
    "ip_literal": Mistake(
        "PG119", {"tokenUrl": "https://169.254.169.254/token"}, {"token_url": "https://169.254.169.254/token"}
    ),
    "private_name": Mistake(
        "PG120", {"tokenUrl": "https://vault.internal/token"}, {"token_url": "https://vault.internal/token"}
    ),
}
WITHOUT_CREATED = {"PG107"}
"""The server also rejects these, but without a reason; see below."""


@pytest.fixture(scope="module")
def realm(keycloak) -> Iterator[KeycloakConnection]:
    name = f"spec-silent-{os.getpid()}"
    who = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
    connection = connect(server_url=keycloak.base_url, realm=name, credentials=who)
    with suppress(KeycloakNotFoundError):
        connection.delete("")
    connection.post("/admin/realms", {"realm": name, "enabled": True, "sslRequired": "none"})
    yield connection
    connection.delete("")
    connection.close()


def provider(mistake: Mistake, **overrides: Any) -> dict[str, Any]:
    config = (SAML if mistake.saml else OIDC) | mistake.sent
    return {
        "alias": "acme",
        "providerId": "saml" if mistake.saml else "oidc",
        "enabled": True,
        "config": {key: value for key, value in config.items() if value is not None},
        **overrides,
    }


def codes(sign_in: dict[str, str | None], identity: str) -> set[str]:
    base = read_folder(WORKSPACE)
    written = "".join(f"  {key}: {value}\n" for key, value in sign_in.items() if value is not None)
    text = base.partners["acme.yaml"].decode()
    head, agreement = text[: text.index("sign_in:")], text[text.index("agreement:") :]
    who = identity if identity.startswith("{") else f"{{{identity}}}"
    content = f"{head}sign_in:\n{written}identity: {who}\n{agreement}"
    folder = Folder(partners={"acme.yaml": content.encode()}, templates=base.templates)
    return {d.code for d in validated(folder, today=TODAY, variables={})}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_server_accepts_it_and_validate_rejects_it(realm, name):
    mistake = MISTAKES[name]
    realm.post(INSTANCES, provider(mistake))  # raises for any answer but 2xx
    try:
        if mistake.mapper is not None:
            realm.post(f"{INSTANCES}/acme/mappers", mistake.mapper)
            kept = realm.get(f"{INSTANCES}/acme/mappers")
            assert [one["identityProviderMapper"] for one in kept] == [
                mistake.mapper["identityProviderMapper"]
            ]
    finally:
        realm.delete(f"{INSTANCES}/acme")
    usual = SAML_SIGN_IN if mistake.saml else SIGN_IN
    identity = "subject: name_id" if mistake.saml else "subject: sub"
    assert codes(dict(usual), identity) == set(), "the file is right but for the mistake"
    found = codes(usual | mistake.written, identity if mistake.saml else mistake.identity)
    assert mistake.code in found


def test_an_unknown_login_flow_is_an_opaque_server_error_and_a_diagnostic(realm):
    with pytest.raises(KeycloakError, match="500"):
        realm.post(INSTANCES, provider(Mistake("", {}, {}), firstBrokerLoginFlowAlias="no such flow"))
    with suppress(KeycloakError):
        realm.delete(f"{INSTANCES}/acme")
    assert "PG107" in codes(SIGN_IN | {"first_login_flow": "no such flow"}, "subject: sub")


def test_every_row_of_the_documented_table_is_tested():
    text = (REPOSITORY / "docs/language.md").read_text()
    table = text.split("## What Keycloak accepts silently", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"PG[0-9]{3}", table))
    assert documented == {mistake.code for mistake in MISTAKES.values()} | WITHOUT_CREATED
