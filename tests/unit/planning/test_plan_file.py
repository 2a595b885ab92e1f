"""A plan survives being a file, and nothing else passes for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema
import pytest

from builders.partners import oauth2, partner, saml
from builders.realms import desired, realm_spec
from partnergate.errors import PlanFileError
from partnergate.model.partner import Waiver
from partnergate.planning.plan import make_plan
from partnergate.planning.plan_file import plan_document, plan_from_json, plan_to_json
from partnergate.planning.state_marks import stale_marks
from partnergate.realm.state import RealmState, Resource, ResourceKey, ResourceKind

SCHEMA = json.loads((Path(__file__).parents[3] / "schema" / "plan.schema.json").read_text(encoding="utf-8"))


def some_plan():
    """Every kind of change, a waiver and a warning."""
    before = desired(partner("acme"), partner("globex"), partner("initech"))
    unmarked = Resource(
        key=ResourceKey(kind=ResourceKind.ORGANIZATION, name="hooli"), fields={"name": "Hooli"}
    )
    waived = replace(
        partner("hooli", sign_in=saml("hooli")),
        waivers=(Waiver(code="PG301", reason="old", until=date(2027, 1, 1), approved_by="sec"),),
    )
    partners = (
        partner("acme", attributes=(("a", "b"),), domains=("acme.example",)),
        partner("initech", sign_in=oauth2("initech")),
        waived,
    )
    return make_plan(
        realm_spec(),
        partners,
        desired=desired(*partners),
        actual=RealmState(realm="host", resources=(*before.resources, unmarked), server_version="26.7.3"),
        created_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 7,
    )


def test_a_plan_with_every_kind_of_change_round_trips():
    plan = some_plan()
    actions = {change["action"] for change in plan_document(plan)["changes"]}
    assert actions == {"create", "update", "replace", "delete", "adopt"}
    assert plan.waivers
    assert plan.warnings
    assert plan_from_json(plan_to_json(plan)) == plan


def test_the_file_fits_its_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(plan_document(some_plan()), SCHEMA)


def test_the_schema_is_closed():
    """A key that the schema does not know would be a change of format without a new version."""
    document = plan_document(some_plan())
    for place in (document, document["target"], document["changes"][0]):
        place["surprise"] = 1
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, SCHEMA)
        del place["surprise"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "expecting value"),
        ("[]", "not a plan"),
        ("{}", "not a plan"),
        ('{"format_version": 99}', "format 99"),
        ('{"format_version": 1}', "damaged"),
    ],
)
def test_a_file_that_is_no_plan_is_rejected_with_the_reason(text, words):
    with pytest.raises(PlanFileError, match=words):
        plan_from_json(text)


def test_a_damaged_change_is_refused():
    document = plan_document(some_plan())
    document["changes"][0]["action"] = "explode"
    with pytest.raises(PlanFileError, match="explode"):
        plan_from_json(json.dumps(document))


def test_a_file_that_does_not_fit_the_documented_format_is_refused_with_the_place():
    """The typed reading alone would read past all of these."""
    for place, key, value, words in (
        ("summary", "unchanged", -1, "summary.unchanged"),
        ("target", "surprise", 1, "target"),
        ("created_at", None, 5, "created_at"),
        ("state", None, [["realm", "", "x", "", "zz"]], r"state\[0\]\[4\]"),
    ):
        document = plan_document(some_plan())
        if key is None:
            document[place] = value
        else:
            document[place][key] = value
        with pytest.raises(PlanFileError, match=words):
            plan_from_json(json.dumps(document))


def test_a_plan_from_a_file_detects_that_it_is_stale():
    plan = plan_from_json(plan_to_json(some_plan()))
    before = desired(partner("acme"), partner("globex"), partner("initech"))
    unmarked = Resource(
        key=ResourceKey(kind=ResourceKind.ORGANIZATION, name="hooli"), fields={"name": "Hooli"}
    )
    same = RealmState(realm="host", resources=(*before.resources, unmarked))
    assert stale_marks(plan.state, same) == ()
    assert "organization hooli was deleted" in stale_marks(plan.state, before)
    assert "identity_provider umbrella was created" in stale_marks(
        plan.state,
        RealmState(realm="host", resources=(*same.resources, *desired(partner("umbrella")).resources)),
    )


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format_version": 1, "changes": ' + "[" * 100_000 + "]" * 100_000 + "}"]
)
def test_a_deeply_nested_file_is_not_a_plan(text):
    with pytest.raises(PlanFileError, match=r"not valid JSON: .* more than 64 levels"):
        plan_from_json(text)
