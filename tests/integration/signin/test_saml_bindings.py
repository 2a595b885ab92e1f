"""How the browser carries a login request to a SAML partner."""

import pytest

from hostile.arena import SAML

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("binding", "method"), [("post", "POST"), ("redirect", "GET")])
def test_a_login_request_goes_by_the_binding_of_the_file(ring, enter, changed, binding, method):
    """A partner that takes requests by redirect alone answers a post with an error."""
    changed(SAML, sign_in={"sso_binding": binding})
    ring.saml(name_id="u-1")
    login = enter(SAML)
    assert login.partner_id == SAML
    assert {hop.method for hop in login.hops if "/sso" in hop.url} == {method}
