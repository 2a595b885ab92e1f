"""Apply executes the plan of now; the reviewed file only has to match it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders.partners import oauth2, partner
from builders.realms import desired, realm_spec
from partnergate.errors import StalePlanError, UnsafePlanError
from partnergate.planning.admin_grants import admin_grants, refuse_admin_grants
from partnergate.planning.changes import Create
from partnergate.planning.plan import make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.planning.reviewed_plan import differences, refuse_unreviewed
from partnergate.planning.verified_plan import with_verified_secrets
from partnergate.realm.desired import desired_state
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import UNCHECKED
from partnergate.realm.state import RealmState, ResourceKind

BEFORE = desired(partner("acme"), partner("globex"))
AFTER = (partner("acme", name="Acme Works"), partner("initech", sign_in=oauth2("initech")))
EVIL = {
    "action": "create",
    "kind": "identity_provider_mapper",
    "parent": "acme",
    "name": "bonus",
    "owner": "acme",
    "desired": {
        "owner": "acme",
        "secrets": [],
        "fields": {
            "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
            "config.role": "realm-management.realm-admin",
        },
    },
}


def planned(*, linked=0, when=1, secrets=None):
    return make_plan(
        realm_spec(),
        AFTER,
        desired=secrets or desired(*AFTER),
        actual=RealmState(realm="host", resources=BEFORE.resources, server_version="26.7.3"),
        created_at=datetime(2026, 11, when, tzinfo=UTC),
        tool_version=f"0.{when}",
        linked_users=lambda _: linked,
    )


def edited(change):
    """The file of the plan after ``change`` has altered its JSON."""
    document = json.loads(plan_to_json(planned()))
    change(document)
    return plan_from_json(json.dumps(document))


def test_the_same_plan_made_later_by_another_version_is_the_reviewed_one():
    """Users log in all the time, so their number is no difference either."""
    refuse_unreviewed(plan_from_json(plan_to_json(planned())), planned(linked=7, when=2))


def test_an_added_mapper_is_refused_and_named():
    reviewed = edited(lambda document: document["changes"].append(EVIL))
    with pytest.raises(StalePlanError) as refused:
        refuse_unreviewed(reviewed, planned())
    assert "change identity_provider_mapper acme bonus is only in the reviewed file" in str(refused.value)


def _first(document, action="update"):
    return next(change for change in document["changes"] if change["action"] == action)


EDITS = {
    "a removed change": lambda d: d["changes"].pop(),
    "a changed value": lambda d: _first(d)["desired"]["fields"].update(displayName="Other"),
    "a value of another type": lambda d: _first(d, "create")["desired"]["fields"].update(enabled=1),
    "a hidden field": lambda d: _first(d)["fields"].pop(),
    "another owner": lambda d: _first(d)["desired"].update(owner="realm"),
    "another actual side": lambda d: _first(d)["actual"]["fields"].update(displayName="Other"),
    "a repeated change": lambda d: d["changes"].append(d["changes"][0]),
    "a limit to a partner": lambda d: d["only_partners"].append("acme"),
    "another realm": lambda d: d["target"].update(realm="other"),
    "another server version": lambda d: d["target"].update(server_version="26.0.0"),
    "another state": lambda d: d["state"][0].__setitem__(4, "0" * 16),
    "a removed state mark": lambda d: d["state"].pop(),
    "another input": lambda d: d["inputs"][0].update(sha256="0" * 64),
    "an added waiver": lambda d: d["waivers"].append(
        {"partner": "acme", "code": "PG301", "reason": "r", "until": "2027-01-01", "approved_by": "x"}
    ),
    "another count": lambda d: d["summary"].update(unchanged=0),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_of_the_canonical_content_is_a_difference(name):
    assert tuple(differences(edited(EDITS[name]), planned())), name


def test_differences_name_positions_and_no_values():
    def edit(document):
        _first(document)["desired"]["fields"]["displayName"] = "a-value-of-the-file"

    (found,) = differences(edited(edit), planned())
    assert found == "change identity_provider acme desired fields displayName has another value"


def test_many_differences_are_counted():
    reviewed = edited(lambda d: [d["changes"].append(EVIL | {"name": f"m{n}"}) for n in range(13)])
    with pytest.raises(StalePlanError, match="and 4 other differences"):
        refuse_unreviewed(reviewed, planned())


def test_an_unverified_secret_of_the_file_differs_from_a_verified_one_until_it_is_filled_in():
    blind = desired_state(realm_spec(), AFTER, fingerprints=lambda *_: UNCHECKED, server_version="26.7.3")
    actual = RealmState(realm="host", resources=BEFORE.resources, server_version="26.7.3")
    reviewed = plan_from_json(plan_to_json(planned(secrets=blind)))
    refuse_unreviewed(with_verified_secrets(reviewed, desired(*AFTER), actual), planned())


def created(kind, name, fields, parent=""):
    made = resource(kind, name, fields, parent=parent, owner="acme")
    return Create(key=made.key, owner="acme", desired=made)


GRANTS = [
    created(
        ResourceKind.IDENTITY_PROVIDER_MAPPER, "m", {"config.role": "realm-management.realm-admin"}, "acme"
    ),
    created(ResourceKind.IDENTITY_PROVIDER_MAPPER, "m", {"config.role": "admin"}, "acme"),
    created(ResourceKind.ROLE, "worker", {"composites": ("realm-management/manage-users",)}),
    created(ResourceKind.ROLE, "worker", {"composites": ("offline_access",)}),
    created(ResourceKind.GROUP, "/partners", {"realmRoles": ("create-realm",)}),
    created(ResourceKind.GROUP, "/partners", {"clientRoles": (("realm-management", ("view-users",)),)}),
]


@pytest.mark.parametrize("change", GRANTS, ids=lambda change: str(change.key))
def test_a_change_that_grants_an_admin_role_is_refused_before_it_is_written(change):
    with pytest.raises(UnsafePlanError, match="administer the realm"):
        refuse_admin_grants(replace(planned(), changes=(change,)))


def test_roles_of_the_host_and_deletions_are_not_refused():
    fine = created(ResourceKind.IDENTITY_PROVIDER_MAPPER, "m", {"config.role": "workspace-admin"}, "acme")
    assert tuple(admin_grants((fine, *planned().changes))) == ()
    assert planned().changes
