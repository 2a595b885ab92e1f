"""A plan that identifies linked users by something else is destructive, and counts them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builders.partners import partner, saml
from builders.realms import desired, realm_spec
from partnergate.errors import UnsafePlanError
from partnergate.planning.plan import Plan, make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.planning.safety import DestructiveKind, Overrides, destructive_changes, raise_if_unsafe
from partnergate.realm.state import RealmState, ResourceKind

UID = partner("acme", sign_in=saml("acme"), subject="uid")
NAME_ID = partner("acme", sign_in=saml("acme"), subject="name_id")


def plan_from(before: RealmState, after: RealmState, *, links: int = 3, only: tuple[str, ...] = ()) -> Plan:
    return make_plan(
        realm_spec(),
        (),
        desired=after,
        actual=before,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0",
        linked_users=lambda _: links,
        only_partners=only,
    )


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        (partner("acme"), partner("acme", subject="oid"), ("the claim sub", "the claim oid")),
        (partner("acme", subject="oid"), partner("acme"), ("the claim oid", "the claim sub")),
        (NAME_ID, UID, ("the NameID in the format persistent", "the SAML attribute uid")),
        (
            NAME_ID,
            partner("acme", sign_in=saml("acme", name_id_format="unspecified"), subject="name_id"),
            ("the NameID in the format persistent", "the NameID in the format unspecified"),
        ),
    ],
)
def test_another_subject_needs_its_flag_and_counts_the_linked_users(
    before: Any, after: Any, texts: tuple[str, str]
) -> None:
    plan = plan_from(desired(before), desired(after))
    [found] = destructive_changes(plan)
    assert found.kind is DestructiveKind.CHANGE_SUBJECT
    assert f"by {texts[1]} instead of {texts[0]}: 3 linked users lose their account" in found.message
    with pytest.raises(UnsafePlanError, match="linked users") as refused:
        raise_if_unsafe(plan, Overrides(replace=frozenset({"acme"}), adopt=True))
    assert "--allow-subject-change acme" in refused.value.advice
    raise_if_unsafe(plan, Overrides(subject=frozenset({"acme"})))
    assert plan_from_json(plan_to_json(plan)) == plan


def test_adopting_a_provider_with_another_subject_is_destructive_too() -> None:
    wanted = desired(partner("acme"))
    by_hand = RealmState(
        realm="host",
        resources=tuple(replace(one, owner="") for one in desired(partner("acme", subject="oid")).resources),
    )
    found = [one.kind for one in destructive_changes(plan_from(by_hand, wanted))]
    assert DestructiveKind.CHANGE_SUBJECT in found
    limited = plan_from(by_hand, wanted, only=("acme",))
    assert DestructiveKind.CHANGE_SUBJECT in [one.kind for one in destructive_changes(limited)]


def test_nothing_is_destructive_without_linked_users_or_without_another_subject() -> None:
    plan = plan_from(desired(partner("acme")), desired(partner("acme", subject="oid")), links=0)
    assert destructive_changes(plan) == ()
    renamed = desired(partner("acme", name="Another name"))
    assert destructive_changes(plan_from(desired(partner("acme")), renamed)) == ()
    new = plan_from(desired(), desired(partner("acme", subject="oid")))
    assert destructive_changes(new) == ()


def test_the_mapper_that_links_by_the_subject_cannot_be_removed_by_hand_unnoticed() -> None:
    wanted = desired(partner("acme", subject="oid"))
    without = RealmState(
        realm="host",
        resources=tuple(
            one
            for one in wanted.resources
            if (one.key.kind, one.key.name) != (ResourceKind.IDENTITY_PROVIDER_MAPPER, "subject-link")
        ),
    )
    [found] = destructive_changes(plan_from(without, wanted))
    assert found.kind is DestructiveKind.CHANGE_SUBJECT
