"""The main job on a real Keycloak, one test file for all steps; the numbers are those of the demo."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from partnergate.attribution.outcome import AttributedSession
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.playground.cast import ACME, GLOBEX, INITECH, PEOPLE, SHARED_EMAIL, person
from partnergate.playground.sidecar import stored_sessions, wait_for_sessions, wait_for_tasks
from partnergate.playground.usage_story import TASKS

if TYPE_CHECKING:
    from partnergate.login.http_login import Login
    from partnergate.playground.main_job import MainJob

pytestmark = pytest.mark.integration

Logins = dict[tuple[str, str], "Login"]


# 1  the partners


def test_1_each_partner_has_its_own_identity_provider(job: MainJob) -> None:
    kinds = {p.partner: type(p.providers[0].sign_in).__name__ for p in job.workspace().partners}
    assert kinds == {ACME: "OidcSignIn", GLOBEX: "SamlSignIn", INITECH: "Oauth2SignIn"}
    with job.connection() as server:
        for idp in job.cast.idps.values():
            assert server.get(f"/admin/realms/{idp.realm}/users/count") == len(idp.users)


# 2  from files to the realm


def test_2_the_files_of_the_repository_are_valid(applied) -> None:
    assert applied.validate.exit_code == 0, applied.validate.output


def test_2_the_plan_creates_each_partner_and_contains_no_secret(job: MainJob, applied) -> None:
    assert applied.plan.exit_code == 0, applied.plan.errors
    text = (job.work / "plan.json").read_text()
    plan = json.loads(text)
    assert {change["owner"] for change in plan["changes"]} == {"realm", ACME, GLOBEX, INITECH}
    for secret in (*job.client_secrets.values(), *job.keys.values()):
        assert secret not in text + applied.plan.output + applied.apply.output


def test_2_apply_creates_the_realm(applied) -> None:
    assert applied.apply.exit_code == 0, applied.apply.output + applied.apply.errors


def test_2_a_second_plan_is_empty(applied) -> None:
    assert applied.second_plan.exit_code == 0, applied.second_plan.output


# 3  logins


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-at-{who.partner}")
def test_3_a_user_logs_in_through_their_partner_without_signing_up(logins: Logins, who) -> None:
    login = logins[who.partner, who.name]
    assert login.partner_id == who.partner
    assert login.claims["identity_provider"] == who.alias
    assert login.claims["email"] == who.email
    assert [hop.what for hop in login.hops].count("login form") == 1


def test_3_the_saml_login_uses_signed_posts(logins: Logins) -> None:
    kinds = [hop.what for hop in logins[GLOBEX, "greta"].hops]
    assert kinds.count("SAML post") == 2


def test_3_a_forged_partner_id_has_no_effect(job: MainJob, logins: Logins) -> None:
    """Every provider asserts another partner's id, the alias of another provider, and an admin role."""
    for idp in job.cast.idps.values():
        assert {"partner_id", "identity_provider", "roles"} <= {name for name, _ in idp.forged}
    for (partner, _), login in logins.items():
        assert login.partner_id == partner
        assert login.id_claims["partner_id"] == partner
        assert "admin" not in login.claims.get("realm_access", {}).get("roles", [])


def test_3_the_forged_claim_does_reach_the_broker(ready: MainJob) -> None:
    """Without this the previous test proves nothing: the partner's token contains the forged claim."""
    with ready.connection() as server:
        idp = ready.cast.idps[ACME]
        (client,) = server.get(f"/admin/realms/{idp.realm}/clients", clientId="host-app")
        (user,) = server.get(f"/admin/realms/{idp.realm}/users", username="ann", exact=True)
        token = server.get(
            f"/admin/realms/{idp.realm}/clients/{client['id']}/evaluate-scopes/generate-example-id-token",
            userId=user["id"],
            scope="openid",
        )
    assert token["partner_id"] == GLOBEX


def test_3_a_role_is_granted_by_the_group_that_the_file_names(logins: Logins) -> None:
    roles = {key: login.claims.get("realm_access", {}).get("roles", []) for key, login in logins.items()}
    assert "workspace-admin" in roles[ACME, "ann"]
    assert "workspace-admin" not in roles[ACME, "sam"]


def test_3_one_address_at_two_partners_is_two_users(ready: MainJob, logins: Logins) -> None:
    first, second = logins[ACME, "sam"], logins[GLOBEX, "sam"]
    assert first.claims["email"] == second.claims["email"] == SHARED_EMAIL
    assert first.user_id != second.user_id
    with ready.connection() as server:
        for login, partner in ((first, ACME), (second, GLOBEX)):
            links = server.get(f"users/{login.user_id}/federated-identity")
            assert [link["identityProvider"] for link in links] == [partner]


def test_3_a_returning_user_is_recognized(ready: MainJob, logins: Logins) -> None:
    again = ready.log_in(person(INITECH, "ivan"))
    assert again.user_id == logins[INITECH, "ivan"].user_id
    assert again.session_id != logins[INITECH, "ivan"].session_id


def test_3_a_live_session_of_another_partner_is_never_used(ready: MainJob) -> None:
    browser = Browser()
    ready.log_in(person(ACME, "ann"), browser=browser)
    with pytest.raises(LoginRefusedError, match="signed in through another platform"):
        ready.log_in(person(GLOBEX, "greta"), browser=browser)
    browser.close()
    with ready.connection() as server:
        refused = server.get("events", type="IDENTITY_PROVIDER_LOGIN_ERROR", max=100)
    assert "different_user_authenticated" in {event["error"] for event in refused}


def test_3_login_events_name_the_stable_subject(ready: MainJob, logins: Logins) -> None:
    """Keycloak would write ``preferred_username``, which a user can change and another user can get."""
    with ready.connection() as server:
        events = server.get("events", type="LOGIN", max=100)
    subjects = {
        e["sessionId"]: e["details"]["identity_provider_identity"] for e in events if "sessionId" in e
    }
    for (partner, _), login in logins.items():
        subject = login.claims["preferred_username"].removeprefix(f"{partner}.")
        assert subjects[login.session_id].lower() == subject


# 4  login events


def test_4_every_session_is_attributed_to_the_partner_that_started_it(logins: Logins, sessions) -> None:
    for (partner, _), login in logins.items():
        session = sessions[login.session_id]
        assert isinstance(session, AttributedSession)
        assert (session.partner, session.alias, session.user_id) == (partner, partner, login.user_id)
        assert session.excluded is None


def test_4_users_are_stored_without_personal_data(ready: MainJob, logins: Logins, sessions) -> None:
    stored = b"".join(file.read_bytes() for file in ready.work.glob("partnergate.db*"))
    for login in logins.values():
        for personal in (login.claims["email"], login.claims["preferred_username"].partition(".")[2]):
            assert personal.encode() not in stored


def test_4_a_login_after_the_start_of_the_sidecar_is_read(ready: MainJob, sidecar, sessions) -> None:
    later = ready.log_in(person(GLOBEX, "greta"))
    found = wait_for_sessions(ready, [later.session_id])[later.session_id]
    assert isinstance(found, AttributedSession)
    assert found.partner == GLOBEX
    assert found.subject == next(
        s.subject
        for s in sessions.values()
        if isinstance(s, AttributedSession) and s.user_id == later.user_id
    )


def test_4_a_refused_login_does_not_change_the_session(ready: MainJob, sidecar, sessions) -> None:
    """A login through another partner with a live session must not change the owner of that session."""
    browser = Browser()
    first = ready.log_in(person(ACME, "ann"), browser=browser)
    with pytest.raises(LoginRefusedError):
        ready.log_in(person(GLOBEX, "greta"), browser=browser)
    browser.close()
    kept = wait_for_sessions(ready, [first.session_id])[first.session_id]
    assert isinstance(kept, AttributedSession)
    assert kept.partner == ACME


# 5  usage


def test_5_each_event_has_its_own_status(usage) -> None:
    assert [r["status"] for r in usage.receipt["results"]] == [r.status for r in usage.story]


def test_5_a_duplicate_is_counted_exactly_once(usage) -> None:
    assert wait_for_tasks(usage.sidecar, usage.days) == TASKS


def test_5_sending_the_same_batch_again_changes_nothing(usage) -> None:
    again = usage.sidecar.report([reported.event for reported in usage.story])
    assert "accepted" not in again["counts"]
    assert wait_for_tasks(usage.sidecar, usage.days) == TASKS


def test_5_usage_of_an_unknown_session_is_shown_with_its_reason(ready: MainJob, usage) -> None:
    page = usage.sidecar.read("/").text
    assert "unknown_session" in page
    traced = ready.command("trace", "task-6", "--environment", ready.environment)
    assert "excluded" in traced.output


def test_5_usage_without_a_token_is_refused(usage) -> None:
    import requests

    answer = requests.post(
        f"{usage.sidecar.url}/v1/usage",
        json=[usage.story[0].event],
        headers={"Content-Type": "application/cloudevents-batch+json"},
        timeout=30,
    )
    assert answer.status_code == 401


# 6  statements


def drafted(job: MainJob, usage, partner: str, *more: str):
    named = ("statement", "draft", partner, "--environment", job.environment)
    return job.command(*named, "--period", usage.days[partner], *more)


@pytest.mark.parametrize("partner", [ACME, GLOBEX, INITECH])
def test_6_a_draft_has_the_measured_quantities(ready: MainJob, usage, partner: str) -> None:
    made = drafted(ready, usage, partner, "--format", "json")
    assert made.exit_code == 0, made.errors
    statement = json.loads(made.output)["statement"]
    rated = [line["rated"] for line in statement["lines"]]
    (tasks,) = (line for line in rated if line["name"] == "Tasks")
    assert Decimal(tasks["quantity"]) == TASKS[partner]
    assert statement["total"] == str(sum(Decimal(line["amount"]) for line in rated))


def test_6_the_amounts_follow_the_agreements(ready: MainJob, usage) -> None:
    amounts = {}
    for partner in (ACME, GLOBEX, INITECH):
        statement = json.loads(drafted(ready, usage, partner, "--format", "json").output)["statement"]
        amounts[partner] = {x["rated"]["name"]: Decimal(x["rated"]["amount"]) for x in statement["lines"]}
    assert amounts[ACME]["Tasks"] == Decimal("2.40")  # two started packages of a thousand
    assert amounts[ACME]["Active users"] == 0  # 50 are included
    assert amounts[GLOBEX]["Tasks"] == Decimal("0.45")  # 40 less 10, at 0.015
    assert amounts[GLOBEX]["Active users"] == Decimal("6.00")
    assert amounts[INITECH]["Tasks"] == Decimal(1313)  # 100 at 12.5, 7 at 9


def test_6_a_draft_is_available_as_html(ready: MainJob, usage) -> None:
    file = ready.work / "acme.html"
    assert drafted(ready, usage, ACME, "--format", "html", "--output", str(file)).exit_code == 0
    page = file.read_text()
    assert "Acme Automations" in page
    assert "<script" not in page


def test_6_a_line_is_traced_to_the_login_event_and_the_partner_file(
    ready: MainJob, usage, logins: Logins, sessions
) -> None:
    statement = json.loads(drafted(ready, usage, ACME, "--format", "json").output)["statement"]
    traced = ready.command("trace", f"{statement['number']}:Tasks", "--environment", ready.environment)
    ann = logins[ACME, "ann"]
    for link in ("task-1", ann.session_id, sessions[ann.session_id].login_event, "provider acme"):
        assert link in traced.output
    assert "partners/acme.yaml" in traced.output


def test_6_a_partner_is_not_billed_for_another(ready: MainJob, usage, logins: Logins) -> None:
    traced = ready.command("trace", "task-3", "--environment", ready.environment)
    assert "globex" in traced.output
    assert "acme" not in traced.output
    assert stored_sessions(ready, ["never-seen"]) == {}
