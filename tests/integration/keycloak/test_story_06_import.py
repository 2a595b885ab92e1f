"""Story 6: files from an existing realm; the plan right after changes no provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode

pytestmark = pytest.mark.integration


def imported(workspace: Any) -> Any:
    """The workspace's realm as files in a separate directory."""
    return workspace.run(
        "import", "-e", "demo", "--server-url", workspace.server_url, "--realm", workspace.realm,
        "--root", "imported", "--allow-loopback-http",
    )  # fmt: skip


def planned(workspace: Any) -> list[dict[str, Any]]:
    state = str(workspace.directory / ".partnergate")
    ran = workspace.run(
        "plan", "-e", "demo", "--root", "imported", "--format", "json", PARTNERGATE_STATE_DIR=state
    )
    assert ran.exit_code == ExitCode.OK, ran.errors
    changes: list[dict[str, Any]] = json.loads(ran.output)["changes"]
    return changes


def test_01_a_realm_of_partnergate_is_imported_exactly(workspace: Any) -> None:
    workspace.apply()
    ran = imported(workspace)
    assert ran.exit_code == ExitCode.OK, ran.errors
    assert "3 exact, 0 drafts, 0 skipped" in ran.output
    assert planned(workspace) == []


def test_02_an_unmanaged_realm_is_not_changed(workspace: Any) -> None:
    connection = workspace.connection
    connection.post("/admin/realms", {"realm": workspace.realm, "enabled": True})
    urls = {"authorizationUrl": "https://idp.example/a", "tokenUrl": "https://idp.example/t"}
    oidc = urls | {
        "issuer": "https://idp.example", "jwksUrl": "https://idp.example/k", "clientId": "c", "clientSecret": "s",
    }  # fmt: skip
    for alias, kind, config in (
        ("hooli", "oidc", oidc | {"pkceEnabled": "true", "pkceMethod": "S256"}),
        ("careless", "oidc", oidc | {"issuer": "https://careless.example", "clientId": "other"}),
        ("google", "google", {"clientId": "c", "clientSecret": "s"}),
        ("Old_One", "oidc", urls),
    ):
        connection.post(
            "identity-provider/instances",
            {"alias": alias, "providerId": kind, "enabled": True, "config": config},
        )
    connection.post(
        "identity-provider/instances/hooli/mappers",
        {
            "name": "by hand",
            "identityProviderAlias": "hooli",
            "identityProviderMapper": "oidc-user-attribute-idp-mapper",
            "config": {"claim": "mail", "user.attribute": "email", "syncMode": "INHERIT"},
        },
    )
    connection.post("authentication/flows", {"alias": "theirs", "providerId": "basic-flow", "topLevel": True})
    before = connection.post_for_json("partial-export", exportClients=True, exportGroupsAndRoles=True)
    ran = imported(workspace)
    assert ran.exit_code == ExitCode.OK, ran.errors
    assert "hooli: draft" in ran.output
    assert "google: skipped: its type is google" in ran.output
    assert "careless: draft" in ran.output
    assert "    changed: sign_in.pkce: S256 instead of no PKCE" in ran.output
    assert "Old_One: skipped: PG013" in ran.output
    assert "stage: draft" in (workspace.directory / "imported/partners/hooli.yaml").read_text()
    kinds = {change["kind"] for change in planned(workspace)}
    assert not kinds & {"identity_provider", "identity_provider_mapper", "organization"}
    assert connection.post_for_json("partial-export", exportClients=True, exportGroupsAndRoles=True) == before


def test_03_no_file_is_overwritten(workspace: Any) -> None:
    workspace.apply()
    imported(workspace)
    again = imported(workspace)
    assert again.exit_code == ExitCode.USAGE
    assert "existing files: " in again.errors


def test_04_a_rejected_import_writes_no_file(workspace: Any) -> None:
    workspace.apply()
    ran = workspace.run(
        "import", "-e", "demo", "--server-url", workspace.server_url, "--realm", workspace.realm,
        "--root", "refused",
    )  # fmt: skip
    assert ran.exit_code == ExitCode.INVALID_INPUT
    assert not (workspace.directory / "refused").exists()


def test_05_existing_templates_are_never_overwritten(workspace: Any) -> None:
    workspace.apply()
    base = workspace.directory / "imported/realm_templates/base.yaml"
    base.parent.mkdir(parents=True)
    base.write_text("partnergate: 1\n")
    ran = imported(workspace)
    assert ran.exit_code == ExitCode.USAGE
    assert "base.yaml" in ran.errors
    assert base.read_text() == "partnergate: 1\n"
