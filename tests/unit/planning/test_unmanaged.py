"""The plan lists unmanaged resources and changes none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from builders.partners import partner
from builders.realms import desired, realm_spec
from partnergate.planning.plan import make_plan
from partnergate.planning.plan_file import plan_document, plan_from_json, plan_to_json
from partnergate.planning.unmanaged import ORGANIZATIONS, PROVIDERS
from partnergate.realm.normalize import resource
from partnergate.realm.state import ResourceKind, sorted_state
from partnergate.rendering.plan.markdown import plan_as_markdown
from partnergate.rendering.plan.text import plan_as_text

ACME = partner("acme")


def unmanaged_provider(alias, *, enabled=True, owner=""):
    fields = {"providerId": "google", "enabled": enabled}
    return resource(ResourceKind.IDENTITY_PROVIDER, alias, fields, owner=owner)


def unmanaged_mapper(alias, name, **config):
    fields = {"identityProviderMapper": "oidc-user-attribute-idp-mapper"}
    fields |= {f"config.{key}": value for key, value in config.items()}
    return resource(ResourceKind.IDENTITY_PROVIDER_MAPPER, name, fields, parent=alias)


def unmanaged_organization(alias, *, domains=(), providers=()):
    fields = {"name": alias, "enabled": True, "domains": domains, "identityProviders": providers}
    return resource(ResourceKind.ORGANIZATION, alias, fields)


def planned(*more, only=()):
    return planned_from([*desired(ACME).resources, *more], only=only)


def planned_from(present, *, only=()):
    state = desired(ACME)
    plan = make_plan(
        realm_spec(),
        (ACME,),
        desired=state,
        actual=replace(sorted_state(state.realm, present), server_version="26.7.3"),
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 0,
        only_partners=only,
    )
    return plan_from_json(plan_to_json(plan))


def warned(plan, code=PROVIDERS):
    return [w.message for w in plan.warnings if w.code == code]


def test_it_is_counted_and_named_and_no_change():
    plan = planned(unmanaged_provider("google"), unmanaged_provider("fallback", enabled=False))
    assert plan.is_empty
    assert warned(plan) == [
        (
            "2 providers are unmanaged and not changed, because no file declares them: "
            "fallback (google, disabled), google (google, enabled)"
        )
    ]


def test_every_rendering_shows_it():
    plan = planned(unmanaged_provider("google"))
    start = "1 provider is unmanaged and not changed"
    assert start in plan_as_text(plan, color=False)
    assert start in plan_as_markdown(plan)
    assert start in plan_to_json(plan)


def test_a_plan_for_some_partners_shows_it_too():
    assert warned(planned(unmanaged_provider("google"), only=("acme",)))


def test_a_provider_that_a_file_names_or_that_we_made_is_not_one():
    assert warned(planned()) == []
    assert warned(planned(unmanaged_provider("gone", owner="gone"))) == []


def test_of_very_many_the_first_are_named_and_the_rest_are_counted():
    (message,) = warned(planned(*(unmanaged_provider(f"h{n:02}") for n in range(23))))
    assert message.startswith("23 providers are")
    assert message.endswith("h19 (google, enabled) and 3 more, listed in the plan file")


def test_the_plan_file_names_all_of_very_many():
    document = plan_document(planned(*(unmanaged_provider(f"h{n:03}") for n in range(123))))
    assert [one["name"] for one in document["unmanaged"]] == [f"h{n:03}" for n in range(123)]


def test_the_mappers_of_an_unmanaged_provider_are_counted_and_listed():
    plan = planned(unmanaged_provider("google"), unmanaged_mapper("google", "mail", claim="email"))
    assert warned(plan)[0].endswith("google (google, enabled, 1 mapper)")
    assert plan_document(plan)["unmanaged"][1] == {
        "kind": "identity_provider_mapper",
        "parent": "google",
        "name": "mail",
        "fields": {"config.claim": "email", "identityProviderMapper": "oidc-user-attribute-idp-mapper"},
    }


def test_a_provider_that_sets_the_partner_id_is_marked():
    forging = unmanaged_mapper("google", "p", **{"user.attribute": "partner_id"})
    (message,) = warned(planned(unmanaged_provider("google"), unmanaged_provider("other"), forging))
    assert message.endswith("google (google, enabled, 1 mapper, sets partner_id), other (google, enabled)")


def test_an_unmanaged_organization_is_listed_with_its_domains_and_providers():
    plan = planned(
        unmanaged_organization("umbrella", domains=("a.example", "b.example"), providers=("acme",))
    )
    assert plan.is_empty
    assert warned(plan, ORGANIZATIONS) == [
        (
            "1 organization is unmanaged and not changed, because no file declares it: "
            "umbrella (enabled, domains a.example b.example, provider acme)"
        )
    ]
    assert plan_document(plan)["unmanaged"][0]["fields"]["identityProviders"] == ["acme"]


def test_an_adopted_resource_is_a_change_and_not_listed():
    ours = desired(ACME).by_key()
    bare = [replace(one, owner="") for one in ours.values() if one.owner == "acme"]
    assert planned_from([*(one for one in ours.values() if one.owner != "acme"), *bare]).unmanaged == ()
