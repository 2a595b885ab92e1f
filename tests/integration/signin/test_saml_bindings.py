"""How the browser carries a login request to a SAML partner."""

import pytest

from hostile.arena import SAML

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("binding", "method"), [("post", "POST"), ("redirect", "GET")])
def test_login_requests_use_the_configured_binding(ring, enter, changed, binding, method):
    """A partner that supports the redirect binding only returns an error for a POST."""
    changed(SAML, sign_in={"sso_binding": binding})
    ring.saml(name_id="u-1")
    login = enter(SAML)
    assert login.partner_id == SAML
    assert {hop.method for hop in login.hops if "/sso" in hop.url} == {method}
