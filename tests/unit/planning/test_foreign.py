"""A provider that was made by hand is in the plan of everybody, and nobody's to change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from partnergate.planning.foreign import NOT_MANAGED
from partnergate.planning.plan import make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.realm.normalise import resource
from partnergate.realm.state import ResourceKind, sorted_state
from partnergate.rendering.plan_markdown import plan_as_markdown
from partnergate.rendering.plan_text import plan_as_text
from partnergate.testkit.realm_specs import desired, partner, realm_spec

ACME = partner("acme")


def by_hand(alias, *, enabled=True, owner=""):
    fields = {"providerId": "google", "enabled": enabled}
    return resource(ResourceKind.IDENTITY_PROVIDER, alias, fields, owner=owner)


def planned(*more, only=()):
    state = desired(ACME)
    plan = make_plan(
        realm_spec(),
        (ACME,),
        desired=state,
        actual=replace(sorted_state(state.realm, (*state.resources, *more)), server_version="26.7.3"),
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 0,
        only_partners=only,
    )
    return plan_from_json(plan_to_json(plan))


def warned(plan):
    return [w.message for w in plan.warnings if w.code == NOT_MANAGED]


def test_it_is_counted_and_named_and_no_change():
    plan = planned(by_hand("google"), by_hand("back-door", enabled=False))
    assert plan.is_empty
    assert warned(plan) == [
        (
            "2 providers are not managed and left alone, and no file names them: "
            "back-door (google, disabled), google (google, open)"
        )
    ]


def test_every_rendering_shows_it():
    plan = planned(by_hand("google"))
    said = "1 provider is not managed and left alone"
    assert said in plan_as_text(plan, color=False)
    assert said in plan_as_markdown(plan)
    assert said in plan_to_json(plan)


def test_a_plan_for_some_partners_shows_it_too():
    assert warned(planned(by_hand("google"), only=("acme",)))


def test_a_provider_that_a_file_names_or_that_we_made_is_not_one():
    assert warned(planned()) == []
    assert warned(planned(by_hand("gone", owner="gone"))) == []


def test_of_very_many_the_first_are_named_and_the_rest_are_counted():
    (message,) = warned(planned(*(by_hand(f"h{n:02}") for n in range(23))))
    assert message.startswith("23 providers are")
    assert message.endswith("h19 (google, open) and 3 more")
