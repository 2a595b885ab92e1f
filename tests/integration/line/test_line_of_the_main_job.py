"""The main job on a real Keycloak, one test a step; the numbers are those of the demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from partnergate.testkit.browser import Browser, LoginRefusedError
from partnergate.testkit.cast import ACME, GLOBEX, INITECH, PEOPLE, SHARED_EMAIL, person

if TYPE_CHECKING:
    from partnergate.testkit.http_login import Login
    from partnergate.testkit.line import Line

pytestmark = pytest.mark.integration

Logins = dict[tuple[str, str], "Login"]


# 1  the partners


def test_1_each_partner_has_a_provider_of_its_own(line: Line) -> None:
    kinds = {p.partner: type(p.providers[0].sign_in).__name__ for p in line.workspace().partners}
    assert kinds == {ACME: "OidcSignIn", GLOBEX: "SamlSignIn", INITECH: "Oauth2SignIn"}
    with line.connection() as server:
        for idp in line.cast.idps.values():
            assert server.get(f"/admin/realms/{idp.realm}/users/count") == len(idp.users)


# 2  from files to the realm


def test_2_the_shipped_files_are_valid(applied) -> None:
    assert applied.validate.exit_code == 0, applied.validate.output


def test_2_the_plan_creates_each_partner_and_holds_no_secret(line: Line, applied) -> None:
    assert applied.plan.exit_code == 0, applied.plan.errors
    text = (line.work / "plan.json").read_text()
    plan = json.loads(text)
    assert {change["owner"] for change in plan["changes"]} == {"realm", ACME, GLOBEX, INITECH}
    for secret in (*line.client_secrets.values(), *line.keys.values()):
        assert secret not in text + applied.plan.output + applied.apply.output


def test_2_apply_makes_the_realm(applied) -> None:
    assert applied.apply.exit_code == 0, applied.apply.output + applied.apply.errors


def test_2_a_second_plan_is_empty(applied) -> None:
    assert applied.second_plan.exit_code == 0, applied.second_plan.output


# 3  logins


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-at-{who.partner}")
def test_3_a_user_enters_by_their_own_provider_without_signing_up(logins: Logins, who) -> None:
    login = logins[who.partner, who.name]
    assert login.partner_id == who.partner
    assert login.claims["identity_provider"] == who.alias
    assert login.claims["email"] == who.email
    assert [hop.what for hop in login.hops].count("login form") == 1


def test_3_the_saml_login_goes_by_signed_posts(logins: Logins) -> None:
    ways = [hop.what for hop in logins[GLOBEX, "greta"].hops]
    assert ways.count("SAML post") == 2


def test_3_a_forged_partner_id_has_no_effect(line: Line, logins: Logins) -> None:
    """Every provider asserts another partner's id, the alias of another provider, and an admin role."""
    for idp in line.cast.idps.values():
        assert {"partner_id", "identity_provider", "roles"} <= {name for name, _ in idp.forged}
    for (partner, _), login in logins.items():
        assert login.partner_id == partner
        assert login.id_claims["partner_id"] == partner
        assert "admin" not in login.claims.get("realm_access", {}).get("roles", [])


def test_3_the_forged_claim_does_arrive_at_the_broker(ready: Line) -> None:
    """Otherwise the test before proves nothing: the partner's own token carries the lie."""
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


def test_3_one_address_at_two_partners_is_two_users(ready: Line, logins: Logins) -> None:
    first, second = logins[ACME, "sam"], logins[GLOBEX, "sam"]
    assert first.claims["email"] == second.claims["email"] == SHARED_EMAIL
    assert first.user_id != second.user_id
    with ready.connection() as server:
        for login, partner in ((first, ACME), (second, GLOBEX)):
            links = server.get(f"users/{login.user_id}/federated-identity")
            assert [link["identityProvider"] for link in links] == [partner]


def test_3_a_returning_user_is_recognised(ready: Line, logins: Logins) -> None:
    again = ready.log_in(person(INITECH, "ivan"))
    assert again.user_id == logins[INITECH, "ivan"].user_id
    assert again.session_id != logins[INITECH, "ivan"].session_id


def test_3_a_live_session_of_another_partner_is_never_used(ready: Line) -> None:
    browser = Browser()
    ready.log_in(person(ACME, "ann"), browser=browser)
    with pytest.raises(LoginRefusedError, match="already authenticated as different user"):
        ready.log_in(person(GLOBEX, "greta"), browser=browser)
    browser.close()
