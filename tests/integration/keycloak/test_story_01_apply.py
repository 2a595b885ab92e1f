"""Story 1: the shipped partners go into a new realm, by a plan that was reviewed, and stay there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode

pytestmark = pytest.mark.integration


def test_01_plan_apply_and_an_empty_second_plan(workspace: Any) -> None:
    refused = workspace.run("apply", "-e", "demo", "--yes")
    assert refused.exit_code == ExitCode.UNSAFE
    assert "--create-realm" in refused.errors
    planned = workspace.plan("--output", "plan.json")
    assert planned.exit_code == ExitCode.CHANGES_PRESENT
    assert "secret-of-the-test" not in (workspace.directory / "plan.json").read_text()
    unasked = workspace.run("apply", "-e", "demo", "--create-realm")
    assert unasked.exit_code == ExitCode.USAGE
    assert "--yes" in unasked.errors
    applied = workspace.run("apply", "plan.json", "--create-realm")
    assert applied.exit_code == ExitCode.OK, applied.errors
    assert "done" in applied.output
    assert "secret-of-the-test" not in applied.output + applied.errors
    assert workspace.plan().exit_code == ExitCode.OK
    again = workspace.run("apply", "plan.json", "--create-realm")
    assert again.exit_code == ExitCode.STALE
    assert "was created" in again.errors


def test_02_a_plan_is_for_the_very_files_it_was_made_from(workspace: Any) -> None:
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme")
    workspace.plan("--output", "plan.json")
    workspace.edit("partners/acme.yaml", "name: Acme", "name: Acme Works")
    refused = workspace.run("apply", "plan.json")
    assert refused.exit_code == ExitCode.STALE
    assert "partners/acme.yaml" in refused.errors


def test_03_one_changed_partner_is_one_put_and_its_bookkeeping(workspace: Any) -> None:
    workspace.apply()
    workspace.edit("partners/globex.yaml", "name: Globex Industries", "name: Globex Works")
    workspace.plan("--output", "plan.json")
    changes = json.loads((workspace.directory / "plan.json").read_text())["changes"]
    assert [(c["action"], c["kind"], c["name"]) for c in changes] == [
        ("update", "identity_provider", "globex"),
        ("update", "organization", "globex"),
    ]
    assert workspace.run("apply", "plan.json").exit_code == ExitCode.OK
    assert workspace.plan().exit_code == ExitCode.OK


def test_04_a_provider_with_users_is_deleted_only_if_it_is_named(workspace: Any) -> None:
    workspace.apply()
    user = workspace.connection.post("users", {"username": "user-one", "enabled": True})
    workspace.connection.post(
        f"users/{user}/federated-identity/acme",
        {"identityProvider": "acme", "userId": "s-1", "userName": "s-1"},
    )
    (workspace.directory / "partners/acme.yaml").unlink()
    refused = workspace.apply()
    assert refused.exit_code == ExitCode.UNSAFE
    assert "1 user loses its link" in refused.errors
    assert "--allow-delete acme" in refused.errors
    assert workspace.apply("--allow-delete", "acme").exit_code == ExitCode.OK
    assert workspace.plan().exit_code == ExitCode.OK


def test_05_a_rotated_secret_is_a_change_like_any_other(workspace: Any) -> None:
    workspace.apply()
    rotated = {"ACME_CLIENT_SECRET": "rotated-secret-of-the-test"}
    planned = workspace.plan(**rotated)
    assert planned.exit_code == ExitCode.CHANGES_PRESENT
    assert "1 to update" in planned.output
    assert "secret-of-the-test" not in planned.output
    assert workspace.apply(**rotated).exit_code == ExitCode.OK
    assert workspace.plan(**rotated).exit_code == ExitCode.OK
    assert workspace.plan().exit_code == ExitCode.CHANGES_PRESENT


def test_06_a_plan_without_secrets_lists_them_and_apply_verifies_them(workspace: Any) -> None:
    workspace.apply()
    planned = workspace.plan("--output", "plan.json", ACME_CLIENT_SECRET="")
    assert planned.exit_code == ExitCode.OK, planned.errors
    assert "secret not verified, its value is not available: acme (env ACME_CLIENT_SECRET)" in planned.output
    missing = workspace.run("apply", "plan.json", ACME_CLIENT_SECRET="")
    assert missing.exit_code == ExitCode.FAILED
    assert "ACME_CLIENT_SECRET" in missing.errors
    rotated = {"ACME_CLIENT_SECRET": "rotated-secret-of-the-test"}
    applied = workspace.run("apply", "plan.json", **rotated)
    assert applied.exit_code == ExitCode.OK, applied.errors
    assert workspace.plan(**rotated).exit_code == ExitCode.OK
    assert workspace.plan().exit_code == ExitCode.CHANGES_PRESENT


def test_07_an_edited_plan_file_is_refused_before_anything_is_written(workspace: Any) -> None:
    """The file is a record for review: a mapper that was added to it grants nothing."""
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    workspace.plan("--output", "plan.json")
    file = workspace.directory / "plan.json"
    document = json.loads(file.read_text())
    mapper = {
        "action": "create",
        "kind": "identity_provider_mapper",
        "parent": "acme",
        "name": "bonus",
        "owner": "acme",
        "desired": {
            "owner": "acme",
            "fields": {
                "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
                "config.role": "realm-management.realm-admin",
                "config.syncMode": "INHERIT",
            },
            "secrets": [],
        },
    }
    mark = ["identity_provider_mapper", "acme", "bonus", "", ""]
    document["changes"].append(mapper)
    document["state"].append(mark)
    document["summary"]["create"] += 1
    file.write_text(json.dumps(document))
    refused = workspace.run("apply", "plan.json")
    assert refused.exit_code == ExitCode.STALE, refused.output + refused.errors
    assert "identity_provider_mapper acme bonus is only in the reviewed file" in refused.errors
    found = workspace.connection.get("identity-provider/instances/acme/mappers")
    assert "bonus" not in {one["name"] for one in found}
    assert workspace.connection.get("identity-provider/instances/acme")["displayName"] == "Acme Automations"


def test_08_values_of_environment_variables_are_applied_and_never_shown(workspace: Any) -> None:
    """The plan of a pull request is a public comment; drift and stale plans are detected all the same."""
    hidden = {"PARTNERGATE_VAR_DEMO_APP": "https://value-of-a-variable.example"}
    assert workspace.apply(**hidden).exit_code == ExitCode.OK
    uris = workspace.connection.get("clients", clientId="host-app")[0]["redirectUris"]
    assert uris == ["https://value-of-a-variable.example/callback"]
    moved = {"PARTNERGATE_VAR_DEMO_APP": "https://other-value-of-a-variable.example"}
    outputs = [
        workspace.plan("--output", "plan.json", **moved),
        *(workspace.plan("--format", kind, **moved) for kind in ("text", "markdown", "json")),
        workspace.run("drift", "-e", "demo", **moved),
        workspace.run("drift", "-e", "demo", "--format", "json", **moved),
        workspace.run("apply", "-e", "demo", "--full", "--yes", "--partner", "acme", **moved),
    ]
    texts = [ran.output + ran.errors for ran in outputs]
    for text in (*texts, (workspace.directory / "plan.json").read_text()):
        assert "value-of-a-variable" not in text
    assert "(from PARTNERGATE_VAR_DEMO_APP, v1:" in texts[1]
    other = {"PARTNERGATE_VAR_DEMO_APP": "https://third-value-of-a-variable.example"}
    refused = workspace.run("apply", "plan.json", **other)
    assert refused.exit_code == ExitCode.STALE
    assert "another value" in refused.errors
    applied = workspace.run("apply", "plan.json", **moved)
    assert applied.exit_code == ExitCode.OK, applied.errors
    assert workspace.plan(**moved).exit_code == ExitCode.OK
    assert workspace.plan(**hidden).exit_code == ExitCode.CHANGES_PRESENT
