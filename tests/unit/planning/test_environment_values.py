"""A plan is published; the environment variables that templates read are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders.partners import oidc, partner
from builders.realms import desired, realm_spec
from partnergate.errors import StalePlanError
from partnergate.planning.environment_values import EARLIER, with_shown_keys, without_values
from partnergate.planning.plan import make_plan
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from partnergate.planning.reviewed_plan import refuse_stale, refuse_unreviewed
from partnergate.realm.state import RealmState
from partnergate.rendering.plan.markdown import plan_as_markdown
from partnergate.rendering.plan.short import plan_as_short_text
from partnergate.rendering.plan.text import plan_as_text
from partnergate.wording import concealed

NEW, OLD = "https://login.new-value.example", "https://login.old-value.example"
SHOWN = {NEW: "(from PARTNERGATE_VAR_LOGIN, v1:1)"}


def acme(login, name="Acme"):
    sign_in = replace(
        oidc("acme"), issuer=login, token_url=f"{login}/token", logout_url=f"{login}/logout?next=%2Fa"
    )
    return partner("acme", name=name, sign_in=sign_in)


def planned(before, after, **realm):
    spec = replace(realm_spec(), **realm)
    present = before if isinstance(before, RealmState) else desired(*before, realm=spec)
    return make_plan(
        spec,
        after,
        desired=desired(*after, realm=spec),
        actual=replace(present, server_version="26.7.3"),
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 0,
    )


EMPTY = RealmState(realm="host")


@pytest.mark.parametrize(
    "before", [EMPTY, (acme(OLD),), (acme(NEW, "Old name"),)], ids=["new", "old", "same"]
)
def test_no_form_of_a_plan_contains_a_value(before):
    plan = without_values(planned(before, (acme(NEW),)), SHOWN)
    assert plan.changes
    forms = (
        plan_to_json(plan),
        plan_as_markdown(plan),
        plan_as_text(plan, color=False),
        plan_as_short_text(plan, color=False, width=200),
    )
    for form in forms:
        assert "new-value" not in form
        assert "old-value" not in form
    assert "(from PARTNERGATE_VAR_LOGIN, v1:1)/token" in forms[0] or before == (acme(NEW, "Old name"),)


def test_an_earlier_value_of_the_variable_is_hidden_too():
    """The realm has it, and nothing else marks it."""
    plan = without_values(planned((acme(OLD),), (acme(NEW),)), SHOWN)
    (change,) = [c for c in plan.changes if c.key.kind.value == "identity_provider"]
    assert change.actual.fields["config.issuer"] == EARLIER
    assert {f.before for f in change.fields if not f.secret} == {EARLIER}


def test_a_deleted_resource_does_not_show_it_either():
    plan = without_values(planned((acme(NEW),), ()), SHOWN)
    assert "new-value" not in plan_to_json(plan)


def test_the_target_and_the_names_of_resources_are_concealed():
    shown = {
        "https://id.host.example": "(from PARTNERGATE_VAR_S)",
        "host-of-variable": "(from PARTNERGATE_VAR_R)",
    }
    plan = planned(EMPTY, (acme(NEW),), server_url="https://id.host.example", realm="host-of-variable")
    text = plan_to_json(without_values(plan, shown))
    assert "host-of-variable" not in text
    assert "id.host.example" not in text
    kept = without_values(plan, shown, keys=False)
    assert [c.key for c in kept.changes] == [c.key for c in plan.changes]


def test_concealing_is_idempotent_and_changes_nothing_without_values():
    plan = planned((acme(OLD),), (acme(NEW),))
    once = without_values(plan, SHOWN)
    assert without_values(once, SHOWN) == once
    assert without_values(plan, {}) is plan


def test_a_reviewed_plan_is_compared_by_the_fingerprint_of_the_value():
    plan = planned((acme(OLD),), (acme(NEW),))
    reviewed = plan_from_json(plan_to_json(without_values(plan, SHOWN)))
    refuse_unreviewed(reviewed, without_values(plan, SHOWN))
    changed = "https://login.changed.example"
    later = without_values(
        planned((acme(OLD),), (acme(changed),)), {changed: "(from PARTNERGATE_VAR_LOGIN, v1:2)"}
    )
    with pytest.raises(StalePlanError):
        refuse_unreviewed(reviewed, later)


def test_a_stale_plan_is_detected_without_the_value():
    before = desired(acme(OLD))
    reviewed = without_values(planned((acme(OLD),), (acme(NEW),)), SHOWN)
    refuse_stale(reviewed, reviewed.state, with_shown_keys(before, SHOWN))
    with pytest.raises(StalePlanError):
        refuse_stale(reviewed, reviewed.state, with_shown_keys(desired(acme("https://b.example")), SHOWN))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("at https://App.example/x", "at (V)x"),
        ("at https://app.example", "at (V)"),
        ("https%3A%2F%2FApp.example", "(V)"),
        (r"https://App\.example", "(V)"),
        ("https://other.example", "https://other.example"),
    ],
)
def test_a_value_is_found_in_the_usual_forms(text, result):
    assert concealed(text, {"https://App.example/": "(V)"}) == result


def test_values_that_identify_nothing_are_not_concealed():
    for value in ("1", "on", "true", "FALSE", ""):
        assert concealed("1 is on and true", {value: "(V)"}) == "1 is on and true"
