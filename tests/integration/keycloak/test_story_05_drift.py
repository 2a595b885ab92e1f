"""Story 5: drift reports manual changes with author and time, and apply undoes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode

pytestmark = pytest.mark.integration


def change_manually(connection: Any) -> None:
    """The kinds of things people do in the console."""
    provider = connection.get("identity-provider/instances/acme")
    connection.put("identity-provider/instances/acme", provider | {"trustEmail": True})
    connection.post(
        "identity-provider/instances/acme/mappers",
        {
            "name": "shortcut",
            "identityProviderAlias": "acme",
            "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
            "config": {"role": "workspace-admin"},
        },
    )
    mapper = connection.get("identity-provider/instances/globex/mappers")[0]
    connection.delete(f"identity-provider/instances/globex/mappers/{mapper['id']}")
    client = connection.get("clients", clientId="host-app")[0]
    redirects = [*client["redirectUris"], "http://127.0.0.1:9/*"]
    connection.put(f"clients/{client['id']}", client | {"redirectUris": redirects})
    connection.post(
        "authentication/flows/partnergate-first-login/executions/execution", {"provider": "idp-auto-link"}
    )
    connection.put("", {"registrationAllowed": True})


def test_01_no_drift_after_an_apply(workspace: Any) -> None:
    workspace.apply()
    ran = workspace.run("drift", "-e", "demo", "--detailed-exitcode")
    assert (ran.exit_code, ran.output) == (ExitCode.OK, "No drift: the realm matches the files.\n")


def test_02_every_manual_change_is_reported_with_author_and_remedy(workspace: Any) -> None:
    workspace.apply()
    change_manually(workspace.connection)
    ran = workspace.run("drift", "-e", "demo", "--detailed-exitcode", "--format", "json")
    assert ran.exit_code == ExitCode.CHANGES_PRESENT
    found = json.loads(ran.output)
    assert found["unexplained"] == []
    outside = {(one["kind"], one["name"]): one for one in found["outside"]}
    assert {kind for kind, _ in outside} == {
        "authentication_flow",
        "client",
        "identity_provider",
        "identity_provider_mapper",
        "realm",
    }
    assert len(outside) == 6
    for one in outside.values():
        assert one["acts"][0]["who"] == "admin"
        assert one["acts"][0]["time"]
        assert one["accept"]
        assert one["undo"].startswith("partnergate apply --environment demo")
    text = workspace.run("drift", "-e", "demo").output
    assert "trustEmail: true -> false" in text
    assert "identity_provider_mapper acme/shortcut exists and is in no file" in text


def test_03_the_undo_it_names_undoes_it(workspace: Any) -> None:
    workspace.apply()
    change_manually(workspace.connection)
    assert workspace.run("apply", "-e", "demo", "--partner", "acme", "--yes").exit_code == ExitCode.OK
    left = json.loads(workspace.run("drift", "-e", "demo", "--format", "json").output)["outside"]
    assert "acme" not in {one["owner"] for one in left}
    assert workspace.apply().exit_code == ExitCode.OK
    assert workspace.run("drift", "-e", "demo", "--detailed-exitcode").exit_code == ExitCode.OK


def test_04_a_changed_file_is_not_a_manual_change(workspace: Any) -> None:
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    found = json.loads(workspace.run("drift", "-e", "demo", "--format", "json").output)
    assert found["outside"] == []
    assert {one["name"] for one in found["unexplained"]} == {"acme"}


def test_05_a_manually_set_secret_is_not_visible_but_its_author_is(workspace: Any) -> None:
    workspace.apply()
    connection = workspace.connection
    provider = connection.get("identity-provider/instances/acme")
    provider["config"]["clientSecret"] = "typed-into-the-console"
    connection.put("identity-provider/instances/acme", provider)
    assert workspace.plan().exit_code == ExitCode.OK
    ran = workspace.run("drift", "-e", "demo")
    assert "Saved outside partnergate without a visible difference (1)" in ran.output
    assert "identity_provider acme\n      update by admin from" in ran.output
    found = json.loads(workspace.run("drift", "-e", "demo", "--format", "json").output)
    assert [(one["name"], one["acts"][0]["who"]) for one in found["unseen"]] == [("acme", "admin")]


def test_06_an_unmanaged_resource_is_reported_with_its_author(workspace: Any) -> None:
    workspace.apply()
    workspace.connection.post("identity-provider/instances", {"alias": "google", "providerId": "google"})
    ran = workspace.run("drift", "-e", "demo", "--detailed-exitcode")
    assert ran.exit_code == ExitCode.OK
    assert "Unmanaged, created manually and in no file; apply ignores them (1):" in ran.output
    assert "create by admin from" in ran.output
