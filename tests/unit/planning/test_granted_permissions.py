"""A grant is only as harmless as what its role holds on the live realm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders.partners import partner
from builders.realms import desired, realm_spec
from partnergate.errors import PlanError
from partnergate.model.partner import RoleGrant
from partnergate.planning.changes import Update
from partnergate.planning.granted_permissions import GRANTS_ADMIN
from partnergate.planning.plan import make_plan
from partnergate.realm.normalize import resource
from partnergate.realm.representation.roles_groups import groups_from, role_from
from partnergate.realm.state import ResourceKind, sorted_state

REALM = realm_spec(groups=("/partners/trial",))
ACME = partner("acme", roles=(RoleGrant(when=(("groups", "boss"),), grant="workspace-admin"),))
GLOBEX = partner("globex", roles=(RoleGrant(when=(("groups", "boss"),), group="/partners/trial"),))
HOOLI = partner("hooli")
OURS = {"partnergate.owner": ["realm"]}


def live(*changed):
    """The realm as applied, with some of its roles and groups modified."""
    before = desired(ACME, GLOBEX, HOOLI, realm=REALM)
    by_key = before.by_key()
    for one in changed:
        known = by_key.get(one.key)
        by_key[one.key] = replace(one, owner=known.owner if known else "")
    return sorted_state(before.realm, by_key.values(), server_version="26.7.3")


def role(name, *realm, **clients):
    inner = {"realm": realm, "client": {k.replace("_", "-"): v for k, v in clients.items()}}
    return role_from({"name": name, "composites": inner})


def planned(actual, *partners, only=()):
    return make_plan(
        REALM,
        partners,
        desired=desired(*partners, realm=REALM),
        actual=actual,
        created_at=datetime(2026, 11, 25, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 0,
        only_partners=only,
    )


def warned(plan):
    return [w.message for w in plan.warnings if w.code == GRANTS_ADMIN]


ADMIN = role("workspace-admin", realm_management=["realm-admin"])
NESTED = (
    role("workspace-admin", "support"),
    role("support", "workspace-admin", realm_management=["manage-users"]),
)
(PARENT, _) = groups_from(
    {
        "path": "/partners",
        "clientRoles": {"realm-management": ["manage-realm"]},
        "subGroups": [{"path": "/partners/trial"}],
    }
)


@pytest.mark.parametrize("changed", [(ADMIN,), NESTED], ids=["direct", "through another role"])
def test_a_plan_for_a_partner_who_grants_an_admin_role_is_refused(changed):
    with pytest.raises(PlanError, match=r"PGS002: the role workspace-admin includes realm-management/\S+ on"):
        planned(live(*changed), ACME, HOOLI, only=("acme",))


def test_a_group_inherits_the_roles_of_its_parents():
    with pytest.raises(
        PlanError, match="PGS002: the group /partners/trial includes realm-management/manage-realm"
    ):
        planned(live(PARENT), GLOBEX, only=("globex",))


def test_a_partner_who_does_not_grant_it_can_be_planned():
    assert warned(planned(live(ADMIN), ACME, GLOBEX, HOOLI, only=("hooli",))) == []


def test_a_role_with_harmless_composites_is_accepted():
    actual = live(role("workspace-admin", "support"), resource(ResourceKind.ROLE, "support", {}, owner=""))
    assert warned(planned(actual, ACME, only=("acme",))) == []


def test_composites_of_a_client_role_are_unknown_and_not_trusted():
    with pytest.raises(PlanError, match="includes billing/owner on"):
        planned(live(role("workspace-admin", billing=["owner"])), ACME, only=("acme",))


def test_a_full_plan_removes_the_admin_role_and_names_it():
    plan = planned(live(ADMIN), ACME, GLOBEX, HOOLI)
    (message,) = warned(plan)
    assert "realm-management/realm-admin" in message
    assert "acme" in message
    (change,) = (c for c in plan.changes if c.key.kind is ResourceKind.ROLE)
    assert isinstance(change, Update)
    assert [(f.name, f.after) for f in change.fields] == [("composites", None)]


def test_an_applied_realm_has_no_warning():
    assert warned(planned(live(), ACME, GLOBEX, HOOLI)) == []
