"""A realm that was renamed: its default role has the old name."""

from __future__ import annotations

from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode

pytestmark = pytest.mark.integration


def test_the_default_role_of_a_renamed_realm_stays_and_becomes_empty(workspace: Any) -> None:
    connection = workspace.connection
    old = f"{workspace.realm}-old"
    connection.post("/admin/realms", {"realm": old, "enabled": True})
    connection.put(f"/admin/realms/{old}", {"realm": workspace.realm})
    role = connection.get("")["defaultRole"]
    assert role["name"] == f"default-roles-{old}"
    ran = workspace.apply("--adopt")
    assert ran.exit_code == ExitCode.OK, ran.errors
    assert "default-roles-" not in ran.output.replace(role["name"], "")
    assert workspace.plan().exit_code == ExitCode.OK
    assert connection.get("")["defaultRole"]["id"] == role["id"]
    assert connection.get(f"roles-by-id/{role['id']}/composites") == []
