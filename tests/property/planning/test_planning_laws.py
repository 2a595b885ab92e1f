"""Laws of the reconciler, over any workspace and any realm."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from builders.realm_strategies import GROUPS, actual_states, desired_states, workspaces
from builders.realms import desired, realm_spec
from fakes.realm_in_memory import RealmInMemory
from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.planning.diff import diff
from partnergate.planning.plan import Plan, make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.planning.stages import PartnersStage, StepKind, stages
from partnergate.planning.state_marks import stale_marks
from partnergate.realm.normalize import normalize
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import RealmState, ResourceKey, ResourceKind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def plan_between(wanted: RealmState, actual: RealmState) -> Plan:
    return make_plan(
        realm_spec(groups=GROUPS),
        (),
        desired=wanted,
        actual=actual,
        created_at=NOW,
        tool_version="0",
        linked_users=len,
    )


def steps_of(plan: Plan):
    for stage in stages(plan):
        if isinstance(stage, PartnersStage):
            yield from ((group.partner, step) for group in stage.groups for step in group.steps)
        else:
            yield from ((REALM_OWNER, step) for step in stage.steps)


@given(wanted=desired_states(), actual=actual_states())
def test_a_second_plan_after_an_apply_is_empty(wanted, actual):
    realm = RealmInMemory(resources=actual.resources)
    plan = plan_between(wanted, actual)
    realm.perform(step for _, step in steps_of(plan))
    second = diff(wanted, realm.read_or_empty())
    assert [change for change in second if not isinstance(change, NoOp)] == []


@given(actual=actual_states())
def test_normalization_is_idempotent(actual):
    once = [normalize(resource) for resource in actual.resources]
    assert [normalize(resource) for resource in once] == once


@given(wanted=desired_states())
def test_the_desired_state_is_normal_already(wanted):
    assert [normalize(resource) for resource in wanted.resources] == list(wanted.resources)


@given(wanted=desired_states())
def test_equal_states_need_nothing(wanted):
    assert all(isinstance(change, NoOp) for change in diff(wanted, wanted))


@given(data=st.data(), workspace=workspaces())
def test_the_order_of_partners_does_not_matter(data, workspace):
    other = tuple(data.draw(st.permutations(workspace)))
    realm = realm_spec(groups=GROUPS)
    assert desired(*workspace, realm=realm) == desired(*other, realm=realm)


@given(data=st.data(), wanted=desired_states(), actual=actual_states())
def test_the_order_of_what_is_read_does_not_matter(data, wanted, actual):
    shuffled = RealmState(realm=actual.realm, resources=tuple(data.draw(st.permutations(actual.resources))))
    assert diff(wanted, actual) == diff(wanted, shuffled)


@given(wanted=desired_states(), actual=actual_states())
def test_a_plan_file_round_trips(wanted, actual):
    plan = plan_between(wanted, actual)
    assert plan_from_json(plan_to_json(plan)) == plan


@given(wanted=desired_states(), actual=actual_states())
def test_no_resource_without_the_ownership_mark_is_deleted(wanted, actual):
    """Only mappers of a provider that partnergate owns or adopts are deleted."""
    present = actual.by_key()
    for change in diff(wanted, actual):
        if not isinstance(change, Delete | Replace) or change.actual.owner:
            continue
        assert change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER
        provider_key = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name=change.key.parent)
        changes = {c.key: c for c in diff(wanted, actual)}
        assert present[provider_key].owner or isinstance(changes[provider_key], Adopt)


@given(wanted=desired_states(), actual=actual_states())
def test_every_change_is_in_one_stage_and_once_complete(wanted, actual):
    plan = plan_between(wanted, actual)
    found = [
        (owner, step.change.key)
        for owner, step in steps_of(plan)
        if step.kind is not StepKind.CREATE_DISABLED
    ]
    assert sorted(found) == sorted((change.owner, change.key) for change in plan.changes)


@given(wanted=desired_states(), actual=actual_states())
def test_a_provider_is_enabled_only_after_its_mappers_exist(wanted, actual):
    closed_yet: set[tuple[str, str]] = set()
    for owner, step in steps_of(plan_between(wanted, actual)):
        change = step.change
        if change.key.kind is ResourceKind.IDENTITY_PROVIDER and isinstance(change, Create | Replace):
            if step.kind is StepKind.ENABLE:
                closed_yet.add((owner, change.key.name))
            else:
                assert step.kind is StepKind.CREATE_DISABLED or not change.desired.fields["enabled"]
        if change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER and isinstance(change, Create | Update):
            assert (owner, change.key.parent) not in closed_yet


@given(wanted=desired_states(), actual=actual_states())
def test_a_state_that_did_not_move_is_not_stale(wanted, actual):
    assert stale_marks(plan_between(wanted, actual).state, actual) == ()


@given(wanted=desired_states(), first=actual_states(), second=actual_states())
def test_a_state_that_would_give_other_changes_is_stale(wanted, first, second):
    plan = plan_between(wanted, first)
    if diff(wanted, first) != diff(wanted, second):
        assert stale_marks(plan.state, second)
