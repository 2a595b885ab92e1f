"""A user whom a broken first login left behind is found and removed; everybody else stays."""

from __future__ import annotations

import pytest

from hostile.arena import OIDC, OTHER, arena
from partnergate.keycloak.stranded_users import remove_stranded_users, stranded_users
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.login.http_login import log_in

pytestmark = pytest.mark.integration


def test_a_stranded_user_can_sign_in_after_its_removal(keycloak):
    with arena(keycloak) as ring:

        def enter(alias, subject, browser=None):
            ring.oidc(alias, claims={"sub": subject})
            return log_in(ring.app, alias=alias, credentials=None, browser=browser)

        browser = Browser()
        first = enter(OIDC, "u-1", browser)
        with pytest.raises(LoginRefusedError):
            enter(OTHER, "u-2", browser)
        with pytest.raises(LoginRefusedError):
            enter(OTHER, "u-2")
        realm = ring.connection
        assert stranded_users(realm, aliases={OIDC}) == ()
        (stranded,) = stranded_users(realm, aliases={OIDC, OTHER})
        assert stranded.alias == OTHER
        assert remove_stranded_users(realm, aliases={OIDC, OTHER}) == 1
        assert [user["id"] for user in ring.users()] == [first.user_id]
        assert enter(OTHER, "u-2").partner_id == OTHER
        assert stranded_users(realm, aliases={OIDC, OTHER}) == ()
