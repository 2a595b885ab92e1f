"""Story 10: who planned and applied, adopted and imported is in the audit log of the store."""

from __future__ import annotations

from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode
from partnergate.store.audit.log import StoredAudit
from partnergate.store.database.opening import open_store

pytestmark = pytest.mark.integration

CI = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "grace",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "host/repo",
    "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "1",
}


@pytest.fixture
def audited(workspace: Any) -> Any:
    """The workspace with a store, and a function that returns the entries, oldest first."""
    url = f"sqlite:///{workspace.directory / 'store.db'}"
    with open_store(url):
        pass
    workspace.environ |= CI | {"PARTNERGATE_STORE": url}

    def entries() -> list[Any]:
        with open_store(url) as store:
            return list(reversed(StoredAudit(store).latest(limit=100)))

    return entries


def test_01_plan_and_apply_are_recorded_with_the_run_and_their_changes(workspace: Any, audited: Any) -> None:
    assert workspace.plan("--output", "plan.json").exit_code == ExitCode.CHANGES_PRESENT
    assert workspace.run("apply", "plan.json").exit_code == ExitCode.UNSAFE
    assert workspace.run("apply", "plan.json", "--create-realm").exit_code == ExitCode.OK
    found = audited()
    assert [(e.deed.value, e.phase.value) for e in found] == [
        ("planned", "intent"),
        ("planned", "done"),
        ("applied", "intent"),
        ("applied", "failed"),
        ("applied", "intent"),
        ("applied", "done"),
    ]
    assert {e.actor.words() for e in found} == {
        "grace (asserted by CI: https://github.example/host/repo/actions/runs/7/attempts/1)"
    }
    details = {d.name: d.value for d in found[-1].details}
    assert details["realm"] == workspace.realm
    assert int(details["create"]) > 10
    assert found[-1].environment == "demo"
    assert found[-1].target == "plan.json"
    assert "secret-of-the-test" not in str(found)


def test_02_adopted_resources_are_recorded(workspace: Any, audited: Any) -> None:
    workspace.apply()
    known = len(audited())
    provider = workspace.connection.get("identity-provider/instances/acme")
    provider["config"].pop("partnergate.owner", None)
    for key in [k for k in provider["config"] if "partnergate" in k.lower()]:
        provider["config"].pop(key)
    workspace.connection.put("identity-provider/instances/acme", provider)
    applied = workspace.apply("--adopt")
    assert applied.exit_code == ExitCode.OK, applied.errors
    assert [e.deed.value for e in audited()[known:]] == ["applied", "applied", "adopted"]


def test_03_an_import_is_recorded(workspace: Any, audited: Any) -> None:
    workspace.apply()
    known = len(audited())
    imported = workspace.run(
        "import", "-e", "copy", "--server-url", workspace.server_url, "--realm", workspace.realm,
        "--root", "imported", "--allow-loopback-http",
    )  # fmt: skip
    assert imported.exit_code == ExitCode.OK, imported.errors
    intent, outcome = audited()[known:]
    assert (intent.deed.value, intent.target, intent.environment) == ("imported", workspace.realm, "copy")
    assert outcome.phase.value == "done"
