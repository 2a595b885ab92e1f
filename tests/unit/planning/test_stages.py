"""The order in which a plan is carried out."""

from __future__ import annotations

from datetime import UTC, datetime

from builders.partners import oauth2, partner
from builders.realms import desired, realm_spec
from partnergate.model.partner import Stage
from partnergate.planning.plan import make_plan
from partnergate.planning.stages import PartnersStage, RealmStage, StepKind, stages
from partnergate.realm.state import RealmState, Resource, ResourceKey, ResourceKind


def staged(before, after):
    plan = make_plan(
        realm_spec(),
        (),
        desired=after,
        actual=before,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0",
        linked_users=lambda _: 0,
    )
    return stages(plan)


def described(steps):
    return [(step.kind, type(step.change).__name__, step.change.key.kind.value) for step in steps]


def test_the_realm_comes_first_and_partners_last():
    titles = [stage.title for stage in staged(RealmState(realm="host"), desired(partner("acme")))]
    assert titles == [
        "realm settings",
        "user profile",
        "event settings",
        "roles",
        "flows",
        "client scopes",
        "clients",
        "partners",
    ]


def test_a_new_provider_is_created_disabled_and_enabled_when_complete():
    after = desired(partner("acme", sign_in=oauth2("acme"), domains=("acme.example",)))
    [stage] = staged(desired(), after)
    assert isinstance(stage, PartnersStage)
    steps = described(stage.groups[0].steps)
    assert steps[0] == (StepKind.APPLY, "Create", "authentication_flow")
    assert steps[1] == (StepKind.CREATE_DISABLED, "Create", "identity_provider")
    assert steps[-1] == (StepKind.ENABLE, "Create", "identity_provider")
    assert {kind for _, _, kind in steps[2:-1]} == {"identity_provider_mapper", "organization"}


def test_a_provider_that_closes_does_so_first():
    after = desired(partner("acme", stage=Stage.SUSPENDED, attributes=(("a", "b"),)))
    group = staged(desired(partner("acme")), after)[-1].groups[0]
    assert described(group.steps)[0] == (StepKind.APPLY, "Update", "identity_provider")


def test_a_provider_is_enabled_again_last():
    before = desired(partner("acme", stage=Stage.SUSPENDED))
    group = staged(before, desired(partner("acme", attributes=(("a", "b"),))))[-1].groups[0]
    assert described(group.steps)[-1] == (StepKind.APPLY, "Update", "identity_provider")


def test_a_suspended_partner_is_created_disabled_and_remains_disabled():
    group = staged(desired(), desired(partner("acme", stage=Stage.SUSPENDED)))[-1].groups[0]
    assert {kind for kind, _, _ in described(group.steps)} == {StepKind.APPLY}


def test_removed_resources_of_a_partner_are_deleted_in_reverse_order():
    before = desired(partner("acme", sign_in=oauth2("acme"), domains=("acme.example",)))
    [stage] = staged(before, desired())
    assert [kind for _, _, kind in described(stage.groups[0].steps)] == [
        "organization",
        "identity_provider",
        "authentication_flow",
    ]


def test_removed_resources_of_the_realm_are_deleted_after_the_partners():
    old = Resource(key=ResourceKey(kind=ResourceKind.FLOW, name="old"), fields={}, owner="realm")
    before = RealmState(realm="host", resources=(*desired().resources, old))
    found = staged(before, desired(partner("acme")))
    assert [stage.title for stage in found] == ["partners", "removals"]
    assert isinstance(found[-1], RealmStage)


def test_partners_are_groups_of_their_own():
    [stage] = staged(desired(), desired(partner("acme"), partner("globex")))
    assert [group.partner for group in stage.groups] == ["acme", "globex"]
    for group in stage.groups:
        assert {step.change.owner for step in group.steps} == {group.partner}


def test_a_group_above_is_made_before_the_group_below():
    realm = realm_spec(groups=("/a/b/c",))
    found = staged(desired(), desired(realm=realm))
    names = [step.change.key.name for step in found[0].steps]
    assert names == ["/a", "/a/b", "/a/b/c"]
