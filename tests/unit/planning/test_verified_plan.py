"""A plan without the values of secrets says so, and apply makes up for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders.partners import oidc, partner
from builders.realms import desired, realm_spec
from partnergate.errors import PlanError
from partnergate.planning.changes import Create, Update
from partnergate.planning.plan import SECRET_UNCHECKED, make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.planning.reviewed_plan import differences
from partnergate.planning.verified_plan import with_verified_secrets
from partnergate.realm.desired import desired_state
from partnergate.realm.ownership import UNCHECKED
from partnergate.realm.state import RealmState

ACME, HOOLI = partner("acme"), partner("hooli")
MOVED = partner("acme", sign_in=replace(oidc("acme"), token_url="https://other.acme.example/token"))


def blind(*partners):
    return desired_state(realm_spec(), partners, fingerprints=lambda *_: UNCHECKED, server_version="26.7.3")


def planned(before, *partners, only=(), version="26.7.3", wanted=None):
    plan = make_plan(
        realm_spec(),
        partners,
        desired=wanted or blind(*partners),
        actual=replace(before, server_version=version),
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 0,
        only_partners=only,
    )
    return plan_from_json(plan_to_json(plan))


def rotated(state, alias):
    return RealmState(
        realm=state.realm,
        resources=tuple(
            replace(r, secrets=tuple(replace(s, fingerprint="v1:old") for s in r.secrets))
            if r.key.name == alias
            else r
            for r in state.resources
        ),
    )


def fingerprint_of(plan):
    (found,) = {s.fingerprint for change in plan.changes for s in change.desired.secrets}
    return found


def warned(plan):
    return [w.message for w in plan.warnings if w.code == SECRET_UNCHECKED]


def test_a_secret_that_is_not_at_hand_is_named_and_is_no_change():
    plan = planned(desired(ACME, HOOLI), ACME, HOOLI)
    assert plan.is_empty
    (message,) = warned(plan)
    assert "acme (env ACME_SECRET), hooli (env HOOLI_SECRET)" in message


def test_a_limited_plan_names_its_partners_only():
    assert "hooli" not in warned(planned(desired(ACME, HOOLI), ACME, HOOLI, only=("acme",)))[0]


def test_with_every_secret_available_there_is_no_warning():
    assert warned(planned(desired(ACME), ACME, wanted=desired(ACME))) == []


def test_an_unverified_secret_with_another_receiver_is_a_change():
    (change,) = planned(desired(ACME), MOVED).changes
    assert [field.name for field in change.fields if field.secret] == ["clientSecret"]


def test_a_secret_that_the_server_has_no_mark_of_is_a_change_even_unseen():
    unmarked = rotated(desired(ACME), "acme")
    unmarked = replace(
        unmarked,
        resources=tuple(
            replace(r, secrets=tuple(replace(s, fingerprint="") for s in r.secrets))
            for r in unmarked.resources
        ),
    )
    assert len(planned(unmarked, ACME).changes) == 1


def test_apply_adds_the_change_of_a_secret_that_differs():
    before = rotated(desired(ACME, HOOLI), "acme")
    checked = with_verified_secrets(planned(before, ACME, HOOLI), desired(ACME, HOOLI), before)
    (change,) = checked.changes
    assert isinstance(change, Update)
    assert (change.key.name, [f.name for f in change.fields]) == ("acme", ["clientSecret"])
    assert UNCHECKED not in plan_to_json(checked)


def test_apply_does_not_write_an_equal_secret():
    before = desired(ACME)
    plan = planned(before, ACME)
    assert with_verified_secrets(plan, desired(ACME), before) == plan


def test_apply_adds_the_secret_to_a_change_of_other_fields():
    before = rotated(desired(ACME), "acme")
    plan = planned(before, replace(ACME, name="Acme Works"))
    checked = with_verified_secrets(plan, desired(replace(ACME, name="Acme Works")), before)
    fields = {c.key.kind.value: [f.name for f in c.fields] for c in checked.changes}
    assert fields["identity_provider"] == ["displayName", "clientSecret"]


def test_apply_fills_in_the_mark_of_a_new_provider():
    empty = RealmState(realm="host")
    checked = with_verified_secrets(planned(empty, ACME), desired(ACME), empty)
    (provider,) = [c for c in checked.changes if c.key.kind.value == "identity_provider"]
    assert isinstance(provider, Create)
    assert provider.desired.secrets[0].fingerprint.startswith("v1:")


def test_a_change_of_a_secret_that_was_removed_from_the_file_is_not_added_again():
    """A reviewer of the file would not see that apply sends another secret."""
    before = rotated(desired(ACME), "acme")
    seen = planned(before, ACME, wanted=desired(ACME))
    assert len(seen.changes) == 1
    hidden = replace(seen, changes=(), unchanged=seen.unchanged + 1)
    assert with_verified_secrets(hidden, desired(ACME), before) == hidden
    assert tuple(differences(hidden, seen))


@pytest.mark.parametrize("server", [rotated(desired(ACME), "acme"), RealmState(realm="host")])
def test_a_verified_secret_of_the_file_is_compared_and_not_replaced(server):
    renamed = replace(ACME, name="Acme Works")
    seen = planned(server, renamed, wanted=desired(renamed))
    edited = plan_from_json(plan_to_json(seen).replace(fingerprint_of(seen), "v1:another"))
    assert tuple(differences(with_verified_secrets(edited, desired(renamed), server), seen))
    assert with_verified_secrets(seen, desired(renamed), server) == seen


def test_apply_does_not_change_partners_outside_the_plan():
    before = rotated(desired(ACME, HOOLI), "hooli")
    plan = planned(before, ACME, HOOLI, only=("acme",))
    assert with_verified_secrets(plan, desired(ACME, HOOLI), before).is_empty


@pytest.mark.parametrize(
    ("version", "types", "words"),
    [
        ("26.2.9", (), "26.3.0 or newer"),
        ("26.5.0", ("VERIFIABLE_CREDENTIAL_REQUEST",), "26.6.0 or newer"),
        ("26.4.0", ("USER_SESSION_DELETED",), "26.5.0 or newer"),
    ],
)
def test_a_server_without_a_needed_feature_is_refused_with_the_version_that_has_it(version, types, words):
    realm = realm_spec()
    realm = replace(realm, events=replace(realm.events, extra_event_types=types))
    wanted = desired(ACME, realm=realm, version=version)
    with pytest.raises(PlanError) as refused:
        planned(RealmState(realm="host"), ACME, version=version, wanted=wanted)
    assert words in refused.value.diagnostics()
    assert version in refused.value.diagnostics()


def test_a_server_that_has_everything_is_planned_for():
    for version in ("26.3.5", "26.5.0", "26.7.3", ""):
        assert planned(RealmState(realm="host"), ACME, version=version, wanted=desired(ACME, version=version))
