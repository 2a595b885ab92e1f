"""An import reports each mapper that no partner file can express, in its output and in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from fakes.keycloak.server import FakeKeycloak
from partnergate.cli.realm import import_

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "mail\\n (plugin-idp-mapper): partner files cannot express mappers of type plugin-idp-mapper"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    connection = FakeKeycloak().connection("host")
    connection.post("/admin/realms", {"realm": "host", "enabled": True})
    monkeypatch.setattr("partnergate.keycloak.connection.connect", lambda **_: connection)
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"PARTNERGATE_KEYCLOAK_{name}", "test")
    config = {
        "issuer": "https://login.acme.example",
        "authorizationUrl": "https://login.acme.example/authorize",
        "tokenUrl": "https://login.acme.example/token",
        "jwksUrl": "https://login.acme.example/jwks",
        "clientId": "host-app",
        "clientSecret": "secret",
        "pkceEnabled": "true",
        "pkceMethod": "S256",
    }
    provider = {"alias": "acme", "providerId": "oidc", "enabled": True, "config": config}
    connection.post("identity-provider/instances", provider)
    return connection


def import_realm(root: Path) -> str:
    arguments = ["-e", "demo", "--server-url", "https://id.example", "--realm", "host", "--root", str(root)]
    ran = CliRunner().invoke(import_.command, arguments, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_mapper_that_was_not_imported_is_reported_with_the_reason(connection: Any, tmp_path: Path) -> None:
    mapper = {
        "name": "mail\n",
        "identityProviderAlias": "acme",
        "identityProviderMapper": "plugin-idp-mapper",
        "config": {},
    }
    connection.post("identity-provider/instances/acme/mappers", mapper)
    assert "acme: draft; its file lists" in (output := import_realm(tmp_path))
    assert f"    mapper not imported: {NOTE}\n" in output
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert (
        f"# Mappers that were not imported, because no partner file can express them:\n#   {NOTE}\n" in text
    )


def test_a_provider_without_such_mappers_has_no_note(connection: Any, tmp_path: Path) -> None:
    assert "not imported" not in import_realm(tmp_path)
    assert "not imported" not in (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
