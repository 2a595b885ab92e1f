"""Suspension of a partner: no new logins, and all sessions and tokens end."""

import dataclasses

import pytest

from hostile.arena import CLIENT_ID, OIDC, OTHER
from partnergate.keycloak.sessions import end_sessions
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.login.http_login import refresh
from partnergate.model.partner import Stage

pytestmark = pytest.mark.integration


@pytest.fixture
def suspended(ring, enter):
    """Logins of two partners, one of which is suspended afterwards."""
    ring.oidc(OIDC, claims={"sub": "a"})
    ring.oidc(OTHER, claims={"sub": "b"})
    browser = Browser()
    logins = enter(OIDC, browser), enter(OTHER)
    spec = ring.partners[OIDC]
    ring.deploy(dataclasses.replace(spec, stage=Stage.SUSPENDED))
    ended = end_sessions(ring.connection, aliases={OIDC}, client_ids={CLIENT_ID})
    yield (*logins, browser, ended)
    ring.deploy(spec)


def test_the_refresh_token_of_a_suspended_partners_user_is_refused(ring, suspended):
    theirs, _, _, ended = suspended
    assert ended == 1
    with pytest.raises(LoginRefusedError, match="invalid_grant"):
        refresh(ring.app, theirs)
    assert (ring.last_error()["type"], ring.last_error()["error"]) == ("REFRESH_TOKEN_ERROR", "invalid_token")


def test_a_suspended_partners_user_cannot_sign_in_again(ring, suspended, enter):
    _, _, browser, _ = suspended
    with pytest.raises(LoginRefusedError):
        enter(OIDC, browser)
    with pytest.raises(LoginRefusedError):
        enter(OIDC)


def test_other_partners_are_not_affected(ring, suspended):
    _, others, _, _ = suspended
    assert refresh(ring.app, others).partner_id == OTHER


def test_users_and_history_remain(ring, suspended):
    theirs, *_ = suspended
    links = ring.connection.get(f"users/{theirs.user_id}/federated-identity")
    assert [link["identityProvider"] for link in links] == [OIDC]
    assert any(e["type"] == "LOGIN" and e["userId"] == theirs.user_id for e in ring.connection.get("events"))


def test_ending_sessions_again_finds_none(ring, suspended):
    assert end_sessions(ring.connection, aliases={OIDC}, client_ids={CLIENT_ID}) == 0
