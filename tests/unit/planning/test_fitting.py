"""A plan uses the default role and the client scopes that the realm has, whatever their usual names are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from builders.partners import oidc_partner, partner
from builders.realms import desired, host_realm, realm_spec
from fakes.keycloak.server import FakeKeycloak
from partnergate.applying.importing.realm_templates import base_template
from partnergate.planning.changes import Delete
from partnergate.planning.plan import NO_SCOPE, make_plan
from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.fitting import default_role, fitted, missing_scopes
from partnergate.realm.state import RealmState, ResourceKind
from worlds.reconciling import Reconciler

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def plan_from(actual: RealmState, after: RealmState) -> Any:
    return make_plan(
        realm_spec(),
        (),
        desired=after,
        actual=actual,
        created_at=NOW,
        tool_version="0",
        linked_users=lambda _: 0,
    )


def existing(after: RealmState, *, without: tuple[str, ...] = (), default: str = "") -> RealmState:
    """An applied realm with the built-in scopes except some, and its default role under another name."""
    from partnergate.realm.desired.clients import STANDARD_SCOPES
    from partnergate.realm.normalize import resource

    applied = []
    for one in after.resources:
        if one.key.kind is ResourceKind.REALM:
            fields = dict(one.fields) | {"defaultRole": freeze({"name": default or "default-roles-host"})}
            applied.append(replace(one, fields=fields))
        elif default and one.key.name.startswith("default-roles-"):
            applied.append(replace(one, key=replace(one.key, name=default)))
        else:
            applied.append(one)
    scopes = [
        resource(ResourceKind.CLIENT_SCOPE, name, {"protocol": "openid-connect"})
        for name in STANDARD_SCOPES
        if name not in without
    ]
    return RealmState(realm=after.realm, resources=(*applied, *scopes))


def test_the_default_role_of_a_renamed_realm_is_neither_deleted_nor_created_again() -> None:
    wanted = desired(partner("acme"))
    plan = plan_from(existing(wanted, default="default-roles-oldname"), wanted)
    assert plan.changes == ()


def test_the_default_role_under_any_name_loses_what_was_added_to_it() -> None:
    wanted = desired(partner("acme"))
    actual = existing(wanted, default="everybody")
    extended = [
        replace(one, fields=dict(one.fields) | {"composites": ("offline_access",)})
        if one.key.name == "everybody"
        else one
        for one in actual.resources
    ]
    plan = plan_from(RealmState(realm=actual.realm, resources=tuple(extended)), wanted)
    assert [(one.key.name, isinstance(one, Delete)) for one in plan.changes] == [("everybody", False)]


def test_an_import_does_not_declare_the_default_role_under_its_old_name() -> None:
    wanted = desired(partner("acme"))
    actual = existing(wanted, default="everybody")
    assert default_role(actual) == "everybody"
    assert "everybody" not in [role["name"] for role in base_template(actual, ())["roles"]]


def test_a_client_is_not_assigned_to_scopes_that_the_realm_does_not_have() -> None:
    wanted = desired(partner("acme"))
    actual = existing(wanted, without=("basic", "acr"))
    plan = plan_from(actual, wanted)
    assert {change.key.kind for change in plan.changes} == {ResourceKind.CLIENT}
    scopes = {one.desired.fields["defaultClientScopes"] for one in plan.changes}
    assert scopes == {
        ("partnergate",),
        ("email", "partnergate", "partnergate-roles", "profile", "roles", "web-origins"),
    }
    [warning] = [one for one in plan.warnings if one.code == NO_SCOPE]
    assert "acr, basic" in warning.message


def test_a_scope_for_saml_does_not_count() -> None:
    wanted = desired(partner("acme"))
    actual = existing(wanted)
    others = tuple(
        replace(one, fields={"protocol": "saml"}) if one.key.name == "email" else one
        for one in actual.resources
    )
    assert missing_scopes(RealmState(realm="host", resources=others)) == {"email"}


def test_nothing_is_assumed_about_a_realm_that_does_not_exist() -> None:
    wanted = desired(partner("acme"))
    assert fitted(wanted, RealmState(realm="host")) == wanted
    assert not plan_from(RealmState(realm="host"), wanted).warnings


def test_our_scopes_add_the_subject_and_the_roles_to_tokens_themselves() -> None:
    scopes = {
        one.key.name: {mapper["protocolMapper"] for mapper in thaw(one.fields["protocolMappers"])}
        for one in desired(partner("acme")).resources
        if one.key.kind is ResourceKind.CLIENT_SCOPE
    }
    assert "oidc-sub-mapper" in scopes["partnergate"]
    assert "oidc-usermodel-realm-role-mapper" in scopes["partnergate-roles"]


def test_a_plan_for_a_realm_without_scopes_converges() -> None:
    server = FakeKeycloak()
    connection = server.connection("host")
    connection.post("/admin/realms", {"realm": "host", "enabled": True})
    for scope in connection.get("client-scopes"):
        connection.delete(f"client-scopes/{scope['id']}")
    made = Reconciler(connection, host_realm("host", "http://fake.invalid"), clock=lambda: NOW)
    made.converge((oidc_partner("acme"),))
    assert made.plan((oidc_partner("acme"),)).is_empty
