"""A plan that the server would refuse half-way is rejected, with the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builders.partners import partner
from builders.realms import desired, realm_spec
from partnergate.errors import PlanError
from partnergate.model.partner import RoleGrant
from partnergate.planning.plan import make_plan
from partnergate.realm.normalize import resource
from partnergate.realm.state import RealmState, ResourceKind

APPLIED = desired(partner("other"))
ACX = partner("acx", name="AC Ltd", domains=("corp-two.net",))


def plan_from(before: RealmState, *specs: Any, only: tuple[str, ...] = ()) -> Any:
    return make_plan(
        realm_spec(),
        specs,
        desired=desired(*specs),
        actual=before,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0",
        linked_users=lambda _: 0,
        only_partners=only,
    )


def with_organization(alias: str, name: str, *domains: str, owner: str = "") -> RealmState:
    by_hand = resource(
        ResourceKind.ORGANIZATION, alias, {"name": name, "domains": domains, "enabled": True}, owner=owner
    )
    return RealmState(realm="host", resources=(*APPLIED.resources, by_hand))


@pytest.mark.parametrize(
    ("alias", "name", "domains", "what"),
    [
        ("ac-ltd", "AC Ltd", (), "the name AC Ltd"),
        ("ac-ltd", "ac ltd", (), "the name ac ltd"),
        ("else", "Else", ("corp-two.net", "x.net"), "the domain corp-two.net"),
        ("else", "Else", ("Corp-Two.NET",), "the domain corp-two.net"),
    ],
)
@pytest.mark.parametrize("only", [(), ("acx",)])
def test_an_organization_made_by_hand_with_the_name_or_domain_is_refused(
    alias: str, name: str, domains: tuple[str, ...], what: str, only: tuple[str, ...]
) -> None:
    with pytest.raises(PlanError, match="PGS007") as refused:
        plan_from(with_organization(alias, name, *domains), partner("other"), ACX, only=only)
    assert f"organization {alias} has {what} of partner acx" in str(refused.value)
    assert "--adopt" in refused.value.advice


def test_an_organization_with_the_alias_of_the_partner_is_adopted() -> None:
    plan = plan_from(with_organization("acx", "AC Ltd", "corp-two.net"), partner("other"), ACX)
    assert "Adopt" in {type(one).__name__ for one in plan.changes if one.key.name == "acx"}


def test_an_unrelated_organization_and_one_of_partnergate_are_not_in_the_way() -> None:
    plan_from(with_organization("else", "Else", "else.net"), partner("other"), ACX)
    plan_from(with_organization("old", "AC Ltd", owner="old"), partner("other"), ACX)


def test_a_limited_plan_for_a_realm_that_was_never_applied_is_refused() -> None:
    bare = RealmState(
        realm="host",
        resources=tuple(one for one in APPLIED.resources if one.key.kind is ResourceKind.REALM),
    )
    with pytest.raises(PlanError, match=r"PGS008.*partnergate-first-login") as refused:
        plan_from(bare, ACX, only=("acx",))
    assert "without --partner" in refused.value.advice
    with pytest.raises(PlanError, match="the realm itself"):
        plan_from(RealmState(realm="host"), ACX, only=("acx",))
    assert not plan_from(bare, ACX).is_empty


def test_a_limited_plan_needs_its_roles_and_the_organizations_of_the_realm() -> None:
    granting = partner("acx", roles=(RoleGrant(when=(("groups", "a"),), grant="workspace-admin"),))
    without = [one for one in APPLIED.resources if one.key.name != "workspace-admin"]
    with pytest.raises(PlanError, match="role workspace-admin"):
        plan_from(RealmState(realm="host", resources=tuple(without)), granting, only=("acx",))
    off = [
        replace(one, fields=dict(one.fields) | {"organizationsEnabled": False})
        if one.key.kind is ResourceKind.REALM
        else one
        for one in APPLIED.resources
    ]
    with pytest.raises(PlanError, match="organizations"):
        plan_from(RealmState(realm="host", resources=tuple(off)), ACX, only=("acx",))
    assert not plan_from(APPLIED, partner("other"), granting, only=("acx",)).is_empty


def test_a_limited_plan_with_a_new_alias_with_dots_needs_the_flow_that_lists_it() -> None:
    dotted = partner("acx", aliases=("AC.Ltd",))
    with pytest.raises(PlanError, match="with the new alias"):
        plan_from(APPLIED, partner("other"), dotted, only=("acx",))


def test_a_limited_plan_may_remove_a_partner_from_any_realm() -> None:
    flowless = [one for one in APPLIED.resources if one.key.kind is not ResourceKind.FLOW]
    plan = plan_from(RealmState(realm="host", resources=tuple(flowless)), only=("other",))
    assert {type(one).__name__ for one in plan.changes} == {"Delete"}
