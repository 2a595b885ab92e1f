"""Claims of a partner never give its users another partner, another account or more roles."""

import pytest

from hostile.arena import OAUTH2, OIDC, OTHER, SAML
from hostile.saml import SAML as SAML_NAMESPACE
from partnergate.login.browser import Browser, LoginRefusedError

pytestmark = pytest.mark.integration

VICTIM = "ceo@rival.example"
FORGED = {
    "partner_id": OTHER,
    "identity_provider": OTHER,
    "username": f"{OTHER}.u-1",
    "roles": "admin",
    "realm_access": {"roles": ["admin", "realm-admin"]},
    "resource_access": {"realm-management": {"roles": ["realm-admin"]}},
    "org_id": "other",
}


def play(ring, alias, subject, **claims):
    """Make the partner ``alias`` assert these claims in its protocol."""
    if alias == SAML:
        ring.saml(name_id=subject, attributes={k: str(v) for k, v in claims.items()})
    else:
        ring.oidc(alias, claims={"id" if alias == OAUTH2 else "sub": subject} | claims)


@pytest.mark.parametrize("alias", [OIDC, OAUTH2, SAML])
def test_the_same_email_at_another_partner_is_another_user(ring, enter, alias):
    play(ring, OTHER, "victim", email=VICTIM)
    victim = enter(OTHER)
    play(ring, alias, "thief", email=VICTIM)
    thief = enter(alias)
    assert thief.user_id != victim.user_id
    assert (victim.partner_id, thief.partner_id) == (OTHER, alias)
    links = ring.connection.get(f"users/{victim.user_id}/federated-identity")
    assert [link["identityProvider"] for link in links] == [OTHER]


@pytest.mark.parametrize("alias", [OIDC, OAUTH2, SAML])
def test_forged_claims_change_neither_the_partner_nor_the_roles(ring, enter, alias):
    play(ring, alias, "u-1", **FORGED)
    login = enter(alias)
    assert login.partner_id == alias
    assert login.claims["identity_provider"] == alias
    assert login.claims["preferred_username"] == f"{alias}.u-1"
    assert "admin" not in str(login.claims.get("realm_access", {}))
    assert "resource_access" not in login.claims
    (user,) = ring.users()
    assert user["attributes"]["partner_id"] == [alias]
    assert user.get("emailVerified") is False


@pytest.mark.parametrize("alias", [OIDC, SAML])
def test_only_the_exact_value_of_the_configured_claim_grants_a_role(ring, enter, alias):
    for value, granted in (("admins", True), ("admins2", False), ("xadmins", False), ("", False)):
        ring.forget_users()
        play(ring, alias, "u-1", groups=value)
        roles = enter(alias).claims.get("realm_access", {}).get("roles", [])
        assert ("workspace-admin" in roles) is granted, value


@pytest.mark.parametrize("alias", [OIDC, SAML])
def test_a_role_is_removed_when_the_claim_is_missing(ring, enter, alias):
    play(ring, alias, "u-1", groups="admins")
    assert "workspace-admin" in enter(alias).claims["realm_access"]["roles"]
    play(ring, alias, "u-1", groups="staff")
    assert "workspace-admin" not in enter(alias).claims.get("realm_access", {}).get("roles", [])


@pytest.mark.parametrize("alias", [OIDC, OAUTH2, SAML])
def test_a_subject_like_another_partners_username_is_another_user(ring, enter, alias):
    play(ring, OTHER, "u-1")
    victim = enter(OTHER)
    for subject in (f"{OTHER}.u-1", "u-1"):
        play(ring, alias, subject)
        assert enter(alias).user_id != victim.user_id


def test_subjects_that_differ_in_letter_case_are_never_the_same_user(ring, enter):
    """Keycloak lower-cases user names, so the second user must be refused, not signed in as the first."""
    play(ring, OIDC, "Alice")
    first = enter(OIDC)
    play(ring, OIDC, "alice")
    try:
        second = enter(OIDC)
    except LoginRefusedError:
        return
    assert second.user_id != first.user_id


WITHOUT_IDENTIFIER = ("", "   ", "\u00a0", "\u200b", "\t\n")


@pytest.mark.parametrize("subject", WITHOUT_IDENTIFIER)
@pytest.mark.parametrize("alias", [OIDC, OAUTH2, SAML])
def test_a_user_without_an_identifier_is_refused_every_time(ring, refused, alias, subject):
    """Otherwise all such users would share one account."""
    for name in ("ann", "bob"):
        play(ring, alias, subject, email=f"{name}@{alias}.example")
        _, event = refused(alias, leaves_users=True)
        assert alias == OAUTH2 or event["error"] in {"access_denied", "federated_identity_account_exists"}
    for user in ring.users():
        assert ring.connection.get(f"users/{user['id']}/federated-identity") == []
        assert ring.connection.get(f"users/{user['id']}/sessions") == []


@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_saml_user_without_the_agreed_attribute_is_refused(ring, refused, changed, value):
    changed(SAML, identity={"subject": "employee"})
    ring.saml(name_id="u-1", attributes={} if value is None else {"employee": value})
    _, event = refused(SAML, leaves_users=True)
    assert event["error"] in {"access_denied", "invalid_saml_response"}


def _without_name_id(root):
    for name_id in list(root.iter(f"{{{SAML_NAMESPACE}}}NameID")):
        name_id.getparent().remove(name_id)


def test_a_saml_user_without_any_name_id_is_refused(ring, refused):
    ring.saml(before_signing=_without_name_id)
    _, event = refused(SAML, leaves_users=True)
    assert event["error"]


def test_an_identifier_can_end_with_a_dot(ring, enter):
    play(ring, OIDC, "u.")
    assert enter(OIDC).claims["preferred_username"] == f"{OIDC}.u."


def test_a_live_session_of_another_partner_is_never_used(ring, enter, refused):
    browser = Browser()
    play(ring, OIDC, "u-1")
    first = enter(OIDC, browser)
    play(ring, OTHER, "u-2")
    page, newest = refused(OTHER, browser, leaves_users=True)
    written = ring.connection.get("events", type="IDENTITY_PROVIDER_LOGIN_ERROR", max=10)
    errors = {e["error"] for e in written if e["details"]["code_id"] == newest["details"]["code_id"]}
    assert errors == {"different_user_authenticated", "identityProviderUnexpectedErrorMessage"}
    assert first.partner_id == OIDC
    assert "u-1" not in page  # the default text of the server would name the other user


def test_no_user_can_link_a_second_partner(ring, enter):
    """Otherwise the account console could link one account to two partners."""
    browser = Browser()
    play(ring, OIDC, "u-1")
    login = enter(OIDC, browser)
    account = f"{ring.app.base_url}/realms/{ring.app.realm}/account/linked-accounts"
    for method, path in (("GET", ""), ("GET", f"/{OTHER}"), ("POST", f"/{OTHER}")):
        answer = browser.request(
            method,
            account + path,
            headers={"Authorization": f"Bearer {login.access_token}", "Accept": "application/json"},
        )
        assert answer.status_code in {401, 403, 404, 405}, answer.text[:200]
    links = ring.connection.get(f"users/{login.user_id}/federated-identity")
    assert [link["identityProvider"] for link in links] == [OIDC]


def test_a_partner_users_token_has_no_access_to_the_admin_api(ring, enter):
    play(ring, OIDC, "u-1", roles="admin", groups="admins")
    login = enter(OIDC)
    for path in ("users", "identity-provider/instances", "events", "clients"):
        answer = Browser().request(
            "GET",
            f"{ring.app.base_url}/admin/realms/{ring.app.realm}/{path}",
            headers={"Authorization": f"Bearer {login.access_token}"},
        )
        assert answer.status_code in {401, 403}
