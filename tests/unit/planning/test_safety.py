"""Each destructive change has a name and a flag, and none is applied without it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders.partners import partner, saml
from builders.realms import desired, realm_spec
from partnergate.errors import PlanError, UnsafePlanError
from partnergate.model.partner import Stage
from partnergate.planning.plan import make_plan
from partnergate.planning.safety import DestructiveKind, Overrides, destructive_changes, raise_if_unsafe
from partnergate.realm.state import RealmState


def plan_from(before, after, *, links: int = 0, realm=None):
    return make_plan(
        realm or realm_spec(),
        (),
        desired=after,
        actual=before,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0",
        linked_users=lambda _: links,
    )


def kinds(plan):
    return [one.kind for one in destructive_changes(plan)]


def test_deleting_a_provider_needs_its_flag_and_counts_the_users_who_lose_their_link():
    plan = plan_from(desired(partner("acme")), desired(), links=12)
    [found] = destructive_changes(plan)
    assert found.kind is DestructiveKind.DELETE_PROVIDER
    assert "12 users lose their link" in found.message
    with pytest.raises(UnsafePlanError, match="acme") as refused:
        raise_if_unsafe(plan, Overrides(delete=frozenset({"globex"}), adopt=True, mass_change=True))
    assert "--allow-delete acme" in refused.value.advice
    raise_if_unsafe(plan, Overrides(delete=frozenset({"acme"})))


def test_replacing_a_provider_needs_its_own_flag():
    plan = plan_from(desired(partner("acme")), desired(partner("acme", sign_in=saml("acme"))), links=1)
    assert kinds(plan) == [DestructiveKind.REPLACE_PROVIDER]
    with pytest.raises(UnsafePlanError, match="1 user loses its link"):
        raise_if_unsafe(plan, Overrides(delete=frozenset({"acme"})))
    raise_if_unsafe(plan, Overrides(replace=frozenset({"acme"})))


def test_taking_over_needs_the_adopt_flag():
    from dataclasses import replace

    wanted = desired(partner("acme"))
    unmarked = RealmState(realm="host", resources=tuple(replace(r, owner="") for r in wanted.resources))
    plan = plan_from(unmarked, wanted)
    assert set(kinds(plan)) == {DestructiveKind.ADOPT}
    with pytest.raises(UnsafePlanError):
        raise_if_unsafe(plan, Overrides())
    raise_if_unsafe(plan, Overrides(adopt=True))


def test_making_a_realm_needs_a_flag():
    """A wrong server URL would otherwise build a whole realm somewhere else."""
    plan = plan_from(RealmState(realm="host"), desired())
    assert kinds(plan) == [DestructiveKind.CREATE_REALM]
    raise_if_unsafe(plan, Overrides(create_realm=True))


@pytest.mark.parametrize(("closing", "is_refused"), [(3, False), (4, True)])
def test_disabling_more_providers_than_the_threshold_is_a_destructive_change(closing, is_refused):
    names = [f"p{index}" for index in range(10)]
    before = desired(*(partner(name) for name in names))
    stages = [Stage.SUSPENDED if index < closing else Stage.LIVE for index in range(10)]
    after = desired(*(partner(name, stage=stage) for name, stage in zip(names, stages, strict=True)))
    assert (DestructiveKind.MASS_CHANGE in kinds(plan_from(before, after))) is is_refused


def test_a_percentage_is_ignored_for_few_providers():
    before = desired(*(partner(f"p{index}") for index in range(9)))
    after = desired(*(partner(f"p{index}", stage=Stage.SUSPENDED) for index in range(9)))
    assert kinds(plan_from(before, after)) == []


def test_enabling_and_changing_providers_is_not_destructive():
    before = desired(*(partner(f"p{index}", stage=Stage.SUSPENDED) for index in range(12)))
    assert kinds(plan_from(before, desired(*(partner(f"p{index}") for index in range(12))))) == []


@pytest.mark.parametrize("name", ["master", "Master"])
def test_the_realm_master_is_never_a_target(name):
    with pytest.raises(PlanError, match="master"):
        plan_from(desired(), desired(), realm=realm_spec(realm=name))


def test_linked_users_are_counted_only_where_links_are_lost():
    asked: list[str] = []

    def count(alias):
        asked.append(alias)
        return 0

    make_plan(
        realm_spec(),
        (),
        desired=desired(partner("acme", domains=("x.example",)), partner("globex")),
        actual=desired(partner("acme"), partner("hooli")),
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0",
        linked_users=count,
    )
    assert asked == ["hooli"]
