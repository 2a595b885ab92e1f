"""Story 7: an administrator adds admin permissions to a role that partners grant."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


def test_an_admin_role_in_a_granted_role_is_refused_and_removed(workspace):
    """Keycloak gives whoever holds the outer role all of the inner ones, and no file shows it."""
    assert workspace.apply().exit_code == 0
    admin = workspace.connection
    management = admin.get("clients", clientId="realm-management")[0]["id"]
    inner = admin.get(f"clients/{management}/roles/realm-admin")
    outer = admin.get("roles/workspace-admin")["id"]
    admin.post_for_json(f"roles-by-id/{outer}/composites", [inner])

    limited = workspace.plan("--partner", "acme")
    assert limited.exit_code == 1
    assert "PGS002: the role workspace-admin includes realm-management/realm-admin" in limited.errors
    assert workspace.plan("--partner", "initech").exit_code == 0

    whole = workspace.plan()
    assert whole.exit_code == 2
    assert "PGS002" in whole.output
    assert workspace.apply().exit_code == 0
    assert admin.get(f"roles-by-id/{outer}/composites") == []
    assert workspace.plan("--partner", "acme").exit_code == 0
