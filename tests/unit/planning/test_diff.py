"""What counts as a change, whose it is, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders.partners import oidc, partner, saml
from builders.realms import desired
from partnergate.model.partner import SecretRef, SecretSource, Stage
from partnergate.planning.changes import Adopt, Create, Delete, FieldChange, NoOp, Replace, Update
from partnergate.planning.diff import diff
from partnergate.realm.state import RealmState, Resource, ResourceKey, ResourceKind, sorted_state

PROVIDER = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="acme")


def mapper(name: str, parent: str = "acme") -> ResourceKey:
    return ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name=name, parent=parent)


def changed(state: RealmState, key: ResourceKey, **fields: object) -> RealmState:
    """Return the state with changed fields of one resource; None removes a field."""
    resource = state.by_key()[key]
    merged = {**resource.fields, **{name.replace("__", "."): value for name, value in fields.items()}}
    kept = {name: value for name, value in merged.items() if value is not None}
    return with_resources(state, replace(resource, fields=kept))


def with_resources(state: RealmState, *resources: Resource) -> RealmState:
    return sorted_state(state.realm, {**state.by_key(), **{r.key: r for r in resources}}.values())


def without(state: RealmState, *kinds: ResourceKind) -> RealmState:
    return sorted_state(state.realm, [r for r in state.resources if r.key.kind not in kinds])


def real(changes):
    return [change for change in changes if not isinstance(change, NoOp)]


def test_a_missing_partner_is_created_completely():
    changes = real(diff(desired(partner("acme")), desired()))
    assert {type(change) for change in changes} == {Create}
    assert {change.owner for change in changes} == {"acme"}
    assert PROVIDER in {change.key for change in changes}


def test_a_manually_changed_field_is_restored():
    wanted = desired(partner("acme"))
    [change] = real(diff(wanted, changed(wanted, PROVIDER, config__validateSignature="false")))
    assert isinstance(change, Update)
    assert change.fields == (FieldChange(name="config.validateSignature", before="false", after="true"),)


def test_an_undeclared_key_is_removed():
    wanted = desired(partner("acme"))
    [change] = real(diff(wanted, changed(wanted, PROVIDER, config__unknown="x")))
    assert change.fields == (FieldChange(name="config.unknown", before="x", after=None),)


def test_a_changed_secret_is_the_only_change():
    before = desired(partner("acme"))
    other = SecretRef(source=SecretSource.ENV, name="OTHER")
    [change] = real(diff(desired(partner("acme", sign_in=oidc(client_secret=other))), before))
    assert change.fields == (FieldChange(name="clientSecret", before=None, after=None, secret=True),)


def test_a_secret_that_is_to_go_elsewhere_counts_as_changed():
    """A secret must never be re-sent to another token URL just because it is masked."""
    moved = replace(oidc(), token_url="https://login.acme.example/new-token")
    [change] = real(diff(desired(partner("acme", sign_in=moved)), desired(partner("acme"))))
    assert [field.name for field in change.fields] == ["config.tokenUrl", "clientSecret"]


def test_a_secret_without_a_fingerprint_is_never_the_same():
    wanted = desired(partner("acme"))
    provider = wanted.by_key()[PROVIDER]
    bare = replace(provider, secrets=(replace(provider.secrets[0], fingerprint=""),))
    [change] = real(diff(wanted, with_resources(wanted, bare)))
    assert change.fields[-1].secret


def test_a_changed_protocol_is_a_replace_with_all_mappers_made_again():
    """The server ignores a changed protocol and answers 204."""
    wanted = desired(partner("acme", sign_in=saml("acme"), subject="name_id"))
    found = real(diff(wanted, desired(partner("acme"))))
    assert isinstance(next(c for c in found if c.key == PROVIDER), Replace)
    mappers = [c for c in found if c.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER]
    assert {type(c) for c in mappers} == {Create}
    assert {c.key for c in mappers} == {r.key for r in wanted.resources if r.key.parent == "acme"}


def test_a_provider_of_another_partner_is_replaced_and_not_adopted():
    wanted = desired(partner("acme"))
    provider = wanted.by_key()[PROVIDER]
    change = next(
        c
        for c in diff(wanted, with_resources(wanted, replace(provider, owner="globex")))
        if c.key == PROVIDER
    )
    assert isinstance(change, Replace)
    assert change.fields[0] == FieldChange(name="owner", before="globex", after="acme")


def test_an_existing_resource_without_an_owner_is_an_adopt():
    wanted = desired(partner("acme"))
    provider = wanted.by_key()[PROVIDER]
    found = diff(wanted, with_resources(wanted, replace(provider, owner="")))
    assert {type(c) for c in real(found)} == {Adopt}
    assert PROVIDER in {c.key for c in real(found)}


def test_an_unmanaged_mapper_of_an_owned_provider_is_deleted():
    wanted = desired(partner("acme"))
    intruder = Resource(key=mapper("grant-admin"), fields={"config.role": "realm-admin"})
    [change] = real(diff(wanted, with_resources(wanted, intruder)))
    assert change == Delete(key=intruder.key, owner="acme", actual=intruder)


def test_a_mapper_under_a_foreign_provider_does_not_change():
    foreign = Resource(key=replace(PROVIDER, name="google"), fields={"enabled": True})
    its = Resource(key=mapper("mail", "google"), fields={})
    wanted = desired(partner("acme"))
    assert real(diff(wanted, with_resources(wanted, foreign, its))) == []


def test_mappers_of_a_deleted_provider_are_no_changes_of_their_own():
    found = real(diff(desired(), desired(partner("acme"))))
    assert {c.key.kind for c in found} == {ResourceKind.IDENTITY_PROVIDER, ResourceKind.ORGANIZATION}
    assert {type(c) for c in found} == {Delete}


def test_realm_settings_that_no_template_declares_do_not_change():
    wanted = desired()
    realm = ResourceKey(kind=ResourceKind.REALM, name="host")
    assert real(diff(wanted, changed(wanted, realm, displayName="Host"))) == []


def test_a_declared_realm_setting_is_restored_and_the_plan_shows_no_other():
    wanted = desired()
    realm = ResourceKey(kind=ResourceKind.REALM, name="host")
    actual = changed(wanted, realm, displayName="Host", registrationAllowed=True)
    [change] = real(diff(wanted, actual))
    assert change.fields == (FieldChange(name="registrationAllowed", before=True, after=False),)
    assert "displayName" not in change.actual.fields


def test_an_owned_attribute_that_no_partner_declares_is_removed():
    before = desired(partner("acme", attributes=(("department", "dept"),)))
    found = {c.key.kind: c for c in real(diff(desired(partner("acme")), before))}
    [field] = found[ResourceKind.USER_PROFILE].fields
    assert (field.name, field.after) == ("attributes.department", None)


def test_an_attribute_that_the_host_added_remains():
    wanted = desired()
    profile = ResourceKey(kind=ResourceKind.USER_PROFILE, name="host")
    assert real(diff(wanted, changed(wanted, profile, attributes__locale=(("displayName", "x"),)))) == []


@pytest.mark.parametrize("kind", [ResourceKind.ROLE, ResourceKind.CLIENT, ResourceKind.FLOW])
def test_an_owned_resource_that_no_template_declares_is_deleted(kind):
    wanted = desired()
    old = Resource(key=ResourceKey(kind=kind, name="old"), fields={}, owner="realm")
    assert real(diff(wanted, with_resources(wanted, old))) == [Delete(key=old.key, owner="realm", actual=old)]


def test_a_missing_realm_is_created():
    found = diff(desired(partner("acme")), RealmState(realm="host"))
    assert {type(change) for change in found} == {Create}


def test_a_suspended_partner_keeps_its_provider():
    before = desired(partner("acme"))
    found = {c.key.kind: c for c in real(diff(desired(partner("acme", stage=Stage.SUSPENDED)), before))}
    assert found[ResourceKind.IDENTITY_PROVIDER].fields == (
        FieldChange(name="enabled", before=True, after=False),
    )
    assert set(found) == {ResourceKind.IDENTITY_PROVIDER, ResourceKind.ORGANIZATION}
