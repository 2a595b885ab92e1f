"""Plans that the server would refuse half-way are refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from partnergate.cli.exit_codes import ExitCode
from partnergate.errors import KeycloakConflictError

pytestmark = pytest.mark.integration


def made_by_hand(workspace: Any, name: str, alias: str, domain: str) -> None:
    organization = {"name": name, "alias": alias, "domains": [{"name": domain}]}
    workspace.connection.post("organizations", organization)


def test_an_organization_made_by_hand_with_the_name_of_a_partner_is_refused_with_the_way_out(
    workspace: Any,
) -> None:
    realm = {"realm": workspace.realm, "enabled": True, "organizationsEnabled": True}
    workspace.connection.post("/admin/realms", realm)
    made_by_hand(workspace, "Acme Automations", "acme-ltd", "corp-two.net")
    # The server accepts a name and a domain only once.
    with pytest.raises(KeycloakConflictError):
        made_by_hand(workspace, "Acme Automations", "another", "corp-three.net")
    before = workspace.connection.post_for_json("partial-export", exportGroupsAndRoles=True)
    ran = workspace.apply("--adopt")
    assert ran.exit_code not in {ExitCode.OK, ExitCode.CHANGES_PRESENT}
    assert "PGS007" in ran.errors
    assert "organization acme-ltd has the name Acme Automations of partner acme" in ran.errors
    assert "make its alias the partner ID" in ran.errors
    assert workspace.connection.post_for_json("partial-export", exportGroupsAndRoles=True) == before
    [organization] = workspace.connection.get("organizations")
    workspace.connection.put(f"organizations/{organization['id']}", organization | {"name": "Another"})
    assert workspace.apply("--adopt").exit_code == ExitCode.OK


def test_a_plan_limited_to_a_partner_is_refused_before_the_realm_was_applied(workspace: Any) -> None:
    workspace.connection.post("/admin/realms", {"realm": workspace.realm, "enabled": True})
    ran = workspace.plan("--partner", "acme")
    assert "PGS008" in ran.errors
    assert "partnergate-first-login" in ran.errors
    assert "without --partner" in ran.errors
    assert workspace.apply("--adopt").exit_code == ExitCode.OK
    assert workspace.plan("--partner", "acme").exit_code == ExitCode.OK
