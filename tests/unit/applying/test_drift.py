"""Drift: acts of an apply explain nothing, acts of people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders.partners import oidc_partner
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.applying.admin_acts import AdminAct
from partnergate.applying.drift import drift
from partnergate.planning.changes import Create, Delete, Update
from partnergate.realm.state import ResourceKey, ResourceKind
from worlds.reconciling import Reconciler

ACME = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="acme")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTNERS = (oidc_partner("acme"), oidc_partner("globex"))


def act(minute: int, key: ResourceKey = ACME, *, by_apply: bool = False) -> AdminAct:
    return AdminAct(
        time=NOW + timedelta(minutes=minute),
        operation="UPDATE",
        key=key,
        who="ana",
        address="192.0.2.1",
        by_apply=by_apply,
    )


def reconciler() -> Reconciler:
    connection = FakeKeycloak().connection("host")
    made = Reconciler(connection, host_realm("host", "http://fake.invalid"), clock=lambda: NOW)
    made.converge(PARTNERS)
    return made


def change_manually(made: Reconciler) -> None:
    provider = made.connection.get("identity-provider/instances/acme")
    made.connection.put("identity-provider/instances/acme", provider | {"trustEmail": True})


def test_an_act_after_the_last_apply_explains_a_difference() -> None:
    made = reconciler()
    change_manually(made)
    found = drift(made.plan(PARTNERS), [act(9), act(5, by_apply=True), act(1)])
    assert [one.acts for one in found.outside] == [(act(9),)]
    assert found.unexplained == ()


def test_a_change_that_an_apply_corrected_explains_nothing() -> None:
    made = reconciler()
    change_manually(made)
    found = drift(made.plan(PARTNERS), [act(5, by_apply=True), act(1)])
    assert found.outside == ()
    assert [one.change.key for one in found.unexplained] == [ACME]


def test_an_act_on_another_resource_explains_nothing() -> None:
    made = reconciler()
    change_manually(made)
    other = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="globex")
    assert drift(made.plan(PARTNERS), [act(9, other)]).outside == ()


def test_an_act_without_a_name_explains_what_its_parent_lost() -> None:
    made = reconciler()
    mapper = next(m for m in made.connection.get("identity-provider/instances/acme/mappers"))
    made.connection.delete(f"identity-provider/instances/acme/mappers/{mapper['id']}")
    nameless = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name="", parent="acme")
    found = drift(made.plan(PARTNERS), [act(9, nameless)])
    assert [type(one.change) for one in found.outside] == [Create]


def test_each_kind_of_difference_has_advice_to_accept_and_to_undo() -> None:
    made = reconciler()
    change_manually(made)
    plan = made.plan(PARTNERS[:1])
    remedies = {type(one.change): (one.accept, one.undo) for one in drift(plan, []).unexplained}
    assert "trustEmail cannot be accepted" in remedies[Update][0] or "settings" in remedies[Update][0]
    assert any("--allow-delete globex" in one.undo for one in drift(plan, []).unexplained)
    assert Delete in remedies


def test_no_difference_is_no_drift() -> None:
    assert drift(reconciler().plan(PARTNERS), [act(9)]).is_empty


def test_an_unmanaged_resource_is_reported_with_its_author_and_is_no_drift() -> None:
    made = reconciler()
    made.connection.post("identity-provider/instances", {"alias": "google", "providerId": "google"})
    google = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="google")
    mapper = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name="m", parent="google")
    found = drift(made.plan(PARTNERS), [act(9, mapper), act(5, google), act(1)])
    assert found.is_empty
    assert [(one.key, one.acts) for one in found.unmanaged] == [(google, (act(9, mapper), act(5, google)))]


def test_a_required_resource_cannot_be_left_out() -> None:
    made = reconciler()
    for mapper in made.connection.get("identity-provider/instances/acme/mappers"):
        made.connection.delete(f"identity-provider/instances/acme/mappers/{mapper['id']}")
    remedies = {one.change.key.name: one.accept for one in drift(made.plan(PARTNERS), []).unexplained}
    assert remedies["partner-id-session"].startswith("it cannot be left out")
    assert remedies["attribute-email"] == "remove it from partners/acme.yaml"


def test_a_manually_saved_provider_is_reported_without_a_difference() -> None:
    """A secret cannot be read back, so no plan detects a manually set secret."""
    plan = reconciler().plan(PARTNERS)
    globex = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="globex")
    found = drift(
        plan, [act(9), act(7, globex, by_apply=True), act(6, globex), act(5, by_apply=True), act(1)]
    )
    assert found.is_empty
    assert [(one.key, one.acts) for one in found.unseen] == [(ACME, (act(9),))]


def test_a_provider_with_a_reported_difference_is_not_listed_again() -> None:
    made = reconciler()
    change_manually(made)
    assert drift(made.plan(PARTNERS), [act(9)]).unseen == ()


def test_undoing_a_removed_link_by_the_subject_names_the_flag_that_apply_needs() -> None:
    spec = oidc_partner("acme")
    provider = replace(spec.providers[0], identity=replace(spec.providers[0].identity, subject="oid"))
    partners = (replace(spec, providers=(provider,)),)
    made = Reconciler(
        FakeKeycloak().connection("host"), host_realm("host", "http://fake.invalid"), clock=lambda: NOW
    )
    made.converge(partners)
    mappers = made.connection.get("identity-provider/instances/acme/mappers")
    [link] = [one for one in mappers if one["name"] == "subject-link"]
    made.connection.delete(f"identity-provider/instances/acme/mappers/{link['id']}")
    [found] = drift(made.plan(partners), []).unexplained
    assert found.undo.endswith("--partner acme --allow-subject-change acme")
